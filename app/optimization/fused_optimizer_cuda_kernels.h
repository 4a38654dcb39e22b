#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

struct CUstream_st;  // what a cudaStream_t points to

namespace unet {

/// Device addresses of a parameter, its gradient and its states, in this order, with `size` values each.
template <class T, size_t Count>
struct DeviceArrays {
  std::array<T*, Count> arrays;
  int64_t size;
};

/// Applies a kernel of optimizer_kernels.h to every value of all parameters, up to 80 parameters per launch. Gradients
/// are only read.
template <class Kernel, class T, size_t Count>
void launch_optimizer(const Kernel& kernel, const std::vector<DeviceArrays<T, Count>>& parameters, CUstream_st* stream);

}  // namespace unet
