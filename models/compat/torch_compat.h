#pragma once

// The differences between versions of LibTorch, 1.13 to 2.x, that this program meets.

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

// In a build against a LibTorch with CUDA; before 2.1 a graph drew the same random numbers each time.
#if defined(UNET_CUDA) && (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1))
#define UNET_CUDA_GRAPHS 1
#else
#define UNET_CUDA_GRAPHS 0
#endif

namespace unet::compat {

/// Whether CUDA graphs can be recorded.
inline constexpr bool kHasCudaGraphs = UNET_CUDA_GRAPHS != 0;

/// Whether a CPU convolves fp32 images faster in channels_last. Two AVX2 cores, contiguous / channels_last: with
/// LibTorch 2.6 (oneDNN 3) 1.13 at width 64 and 1.4 at width 16, with 1.13 (oneDNN 2.6) 0.68 and 1.13. Training steps
/// were not faster in either, and at width 64 much slower.
inline constexpr bool kImagesAreFasterInChannelsLast = TORCH_VERSION_MAJOR > 2 ||
                                                       (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 6);

/// Whether autocast is on for a kind of device.
inline bool autocast_enabled(c10::DeviceType device) {
#if UNET_AUTOCAST_BY_DEVICE
  return at::autocast::is_autocast_enabled(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
#endif
}

/// The type that autocast casts to on a kind of device.
inline at::ScalarType autocast_dtype(c10::DeviceType device) {
#if UNET_AUTOCAST_BY_DEVICE
  return at::autocast::get_autocast_dtype(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::get_autocast_cpu_dtype()
                                        : at::autocast::get_autocast_gpu_dtype();
#endif
}

/// Switches autocast to `dtype` on for a kind of device, or off.
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

/// each of `values` += share * (its target - it); from 2.1 on as few CUDA kernels.
inline void lerp_all(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& targets, double share) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  at::_foreach_lerp_(values, targets, share);
#else
  for (size_t i = 0; i < values.size(); ++i) values[i].lerp_(targets[i], share);
#endif
}

template <class Function>
struct ReportedTotal;
template <class T>
struct ReportedTotal<void (c10::MemoryReportingInfoBase::*)(void*, int64_t, T, T, c10::Device)> {
  using type = T;
};
/// Of sums in an allocator's reports: int64_t in 1.13, later size_t.
using ReportedBytes = ReportedTotal<decltype(&c10::MemoryReportingInfoBase::reportMemoryUsage)>::type;

}  // namespace unet::compat
