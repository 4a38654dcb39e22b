#pragma once

#include <torch/types.h>

#include <array>
#include <utility>
#include <vector>

#include "app/optimization/fused_optimizer_cuda.h"
#include "configs/schema/error.h"
#include "models/kernels/parallel.h"

namespace unet {

/// Whether all tensors are dense and hold their elements in the same order in memory.
template <size_t Count>
bool have_same_order(const std::array<torch::Tensor, Count>& tensors) {
  const torch::Tensor& first = tensors[0];
  for (const torch::Tensor& tensor : tensors) {
    if (!tensor.is_non_overlapping_and_dense()) return false;
    for (int64_t i = 0; i < first.dim(); ++i)
      if (first.size(i) > 1 && tensor.stride(i) != first.stride(i)) return false;
  }
  return true;
}

/// A parameter, its gradient and its states, with their elements in the same order in memory. Tensors that disagree are
/// replaced with contiguous copies.
template <size_t Count>
struct AlignedTensors {
  static constexpr size_t kGradient = 1;  ///< index of the gradient, which kernels only read

  explicit AlignedTensors(std::array<torch::Tensor, Count> given) : originals(std::move(given)), tensors(originals) {
    for (const torch::Tensor& tensor : originals)
      if (tensor.device() != originals[0].device() || tensor.scalar_type() != originals[0].scalar_type() ||
          tensor.sizes() != originals[0].sizes())
        fail(ErrorKind::internal, "[optimizer] parameter, gradient and states differ in device, type or shape");
    if (have_same_order(originals)) return;
    for (torch::Tensor& tensor : tensors) tensor = tensor.contiguous();
  }

  /// Copies the results of a kernel back to the original tensors.
  void write_back() const {
    for (size_t i = 0; i < Count; ++i)
      if (i != kGradient && !tensors[i].is_same(originals[i])) originals[i].copy_(tensors[i]);
  }

  std::array<torch::Tensor, Count> originals, tensors;
};

template <class T, size_t Count, class Kernel, size_t... I>
void apply_on_cpu(const std::array<torch::Tensor, Count>& tensors, const Kernel& kernel, std::index_sequence<I...>) {
  const std::array<T*, Count> arrays{tensors[I].template data_ptr<T>()...};
  constexpr int64_t kGrain = 32768;
  kernels::parallel_for(0, tensors[0].numel(), kGrain, [&](int64_t first, int64_t last) {
    const std::array<T*, Count> own = arrays;
    const Kernel own_kernel = kernel;
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) own_kernel(own[I][i]...);
  });
}

template <size_t Count, class Kernel>
void apply_on_cpu(const std::array<torch::Tensor, Count>& tensors, const Kernel& kernel) {
  const auto indices = std::make_index_sequence<Count>();
  if (tensors[0].scalar_type() == torch::kFloat)
    apply_on_cpu<float>(tensors, kernel, indices);
  else
    apply_on_cpu<double>(tensors, kernel, indices);
}

/// Applies a kernel of optimizer_kernels.h to every value of all parameters in one pass over memory, where a chain of
/// tensor operations takes one pass each. `lists`: the parameters, their gradients, and each of their states; float or
/// double, on a CPU or a CUDA device, in any layout. Throws Error(internal) for other types.
template <size_t Count, class Kernel>
void apply_fused(const std::array<std::vector<torch::Tensor>, Count>& lists, const Kernel& kernel) {
  std::vector<AlignedTensors<Count>> on_cuda;
  for (size_t i = 0; i < lists[0].size(); ++i) {
    std::array<torch::Tensor, Count> tensors;
    for (size_t list = 0; list < Count; ++list) tensors[list] = lists[list][i];
    AlignedTensors<Count> aligned(std::move(tensors));
    const torch::Tensor& parameter = aligned.tensors[0];
    const bool has_kernel = parameter.scalar_type() == torch::kFloat || parameter.scalar_type() == torch::kDouble;
    if (!has_kernel) fail(ErrorKind::internal, "[optimizer] got ", parameter.dtype(), ", expected float or double");
    if (parameter.is_cuda()) {
      on_cuda.push_back(std::move(aligned));
      continue;
    }
    apply_on_cpu(aligned.tensors, kernel);
    aligned.write_back();
  }
  if (on_cuda.empty()) return;
  std::vector<std::array<torch::Tensor, Count>> parameters;
  for (const auto& aligned : on_cuda) parameters.push_back(aligned.tensors);
  apply_on_cuda(kernel, parameters);
  for (const auto& aligned : on_cuda) aligned.write_back();
}

}  // namespace unet
