#pragma once

#include <torch/types.h>

#include <array>
#include <vector>

namespace unet {

/// Applies a kernel of optimizer_kernels.h on a CUDA device to parameters whose tensors are all float or all double and
/// have the same order in memory. Each entry holds a parameter, its gradient, and its states.
template <class Kernel, size_t Count>
void apply_on_cuda(const Kernel& kernel, const std::vector<std::array<torch::Tensor, Count>>& parameters);

}  // namespace unet
