#pragma once

#include <torch/types.h>

#include <array>
#include <utility>

#include "models/kernels/parallel.h"

namespace unet {

/// Whether two tensors of the same sizes have their values in the same order in memory.
inline bool have_same_order(const torch::Tensor& a, const torch::Tensor& b) {
  for (int64_t i = 0; i < a.dim(); ++i)
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  return true;
}

/// Whether the values of all lie alike in a CPU's memory, without gaps.
template <size_t Count>
bool lie_alike(const std::array<torch::Tensor, Count>& tensors) {
  const torch::Tensor& first = tensors[0];
  for (const torch::Tensor& tensor : tensors)
    if (!tensor.device().is_cpu() || tensor.scalar_type() != first.scalar_type() || tensor.sizes() != first.sizes() ||
        !have_same_order(tensor, first) || !tensor.is_non_overlapping_and_dense())
      return false;
  return true;
}

template <class T, size_t Count, class Work, size_t... I>
void for_each_value_of_type(const std::array<torch::Tensor, Count>& tensors, const Work& work,
                            std::index_sequence<I...>) {
  const std::array<T*, Count> values{tensors[I].template data_ptr<T>()...};
  constexpr int64_t kGrain = 32768;
  kernels::parallel_for(0, tensors[0].numel(), kGrain, [&](int64_t first, int64_t last) {
    const std::array<T*, Count> own = values;
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) work(own[I][i]...);
  });
}

/// Calls `work(value of each tensor...)` for all places, in threads: one pass over memory, where a chain of tensor
/// operations takes one for each. False, and nothing done, where the tensors do not lie alike or are neither float nor
/// double.
template <size_t Count, class Work>
bool for_each_value(const std::array<torch::Tensor, Count>& tensors, const Work& work) {
  if (!lie_alike(tensors)) return false;
  const auto places = std::make_index_sequence<Count>();
  const auto type = tensors[0].scalar_type();
  if (type == torch::kFloat)
    for_each_value_of_type<float>(tensors, work, places);
  else if (type == torch::kDouble)
    for_each_value_of_type<double>(tensors, work, places);
  else
    return false;
  return true;
}

}  // namespace unet
