#pragma once

// Differences between the versions of LibTorch, 1.13 to 2.x, and between its builds for CPUs and for CUDA.

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/Allocator.h>
#include <c10/core/Device.h>
#include <torch/version.h>

#include <vector>

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
#define UNET_AUTOCAST_BY_DEVICE 1
#else
#define UNET_AUTOCAST_BY_DEVICE 0
#endif

#ifdef UNET_CUDA
#define UNET_BUILT_FOR_CUDA 1
#else
#define UNET_BUILT_FOR_CUDA 0
#endif

// Before 2.1 every replay of a CUDA graph drew the same random numbers. app/CMakeLists.txt chooses step_graph_cuda.cpp
// by the same condition.
#if defined(UNET_CUDA) && (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1))
#define UNET_CUDA_GRAPHS 1
#else
#define UNET_CUDA_GRAPHS 0
#endif

namespace unet::compat {

/// Whether this program is built with a LibTorch for CUDA.
inline constexpr bool kIsBuiltForCuda = UNET_BUILT_FOR_CUDA != 0;

/// Whether CUDA graphs can be recorded.
inline constexpr bool kHasCudaGraphs = UNET_CUDA_GRAPHS != 0;

/// Whether inference in fp32 on a CPU is faster in channels_last. Ratio of the times of contiguous and channels_last on
/// two AVX2 cores: LibTorch 2.6 (oneDNN 3) 1.13 at 64 channels and 1.4 at 16; LibTorch 1.13 (oneDNN 2.6) 0.68 and 1.13.
/// Training steps were not faster with either version, and much slower at 64 channels.
inline constexpr bool kImagesAreFasterInChannelsLast = TORCH_VERSION_MAJOR > 2 ||
                                                       (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 6);

/// Whether autocast is enabled for a device type.
inline bool autocast_enabled(c10::DeviceType device) {
#if UNET_AUTOCAST_BY_DEVICE
  return at::autocast::is_autocast_enabled(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
#endif
}

/// Type that autocast casts to on a device type.
inline at::ScalarType autocast_dtype(c10::DeviceType device) {
#if UNET_AUTOCAST_BY_DEVICE
  return at::autocast::get_autocast_dtype(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::get_autocast_cpu_dtype()
                                        : at::autocast::get_autocast_gpu_dtype();
#endif
}

/// Enables or disables autocast for a device type and sets the type that it casts to.
inline void set_autocast(c10::DeviceType device, bool enabled, at::ScalarType dtype) {
#if UNET_AUTOCAST_BY_DEVICE
  at::autocast::set_autocast_dtype(device, dtype);
  at::autocast::set_autocast_enabled(device, enabled);
#else
  if (device == c10::DeviceType::CPU) {
    at::autocast::set_autocast_cpu_dtype(dtype);
    at::autocast::set_cpu_enabled(enabled);
  } else {
    at::autocast::set_autocast_gpu_dtype(dtype);
    at::autocast::set_enabled(enabled);
  }
#endif
}

/// Calls values[i].lerp_(targets[i], weight) for all i. LibTorch from 2.1 on needs few CUDA kernels for it.
inline void lerp_all(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& targets, double weight) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  at::_foreach_lerp_(values, targets, weight);
#else
  for (size_t i = 0; i < values.size(); ++i) values[i].lerp_(targets[i], weight);
#endif
}

template <class Function>
struct ReportedTotal;
template <class T>
struct ReportedTotal<void (c10::MemoryReportingInfoBase::*)(void*, int64_t, T, T, c10::Device)> {
  using type = T;
};
/// Type of the sums in an allocator's reports: int64_t in 1.13, later size_t.
using ReportedBytes = ReportedTotal<decltype(&c10::MemoryReportingInfoBase::reportMemoryUsage)>::type;

}  // namespace unet::compat
