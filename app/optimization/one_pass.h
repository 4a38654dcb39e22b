#pragma once

#include <torch/types.h>

#include <array>
#include <utility>
#include <vector>

#include "models/kernels/parallel.h"

#ifdef UNET_CUDA
#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>

#include "app/optimization/one_pass_cuda.h"
#endif

namespace unet {

/// Whether two tensors of the same sizes have their values in the same order in memory.
inline bool have_same_order(const torch::Tensor& a, const torch::Tensor& b) {
  for (int64_t i = 0; i < a.dim(); ++i)
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  return true;
}

/// Whether the values of all lie alike in memory, without gaps.
template <size_t Count>
bool lie_alike(const std::array<torch::Tensor, Count>& tensors) {
  const torch::Tensor& first = tensors[0];
  for (const torch::Tensor& tensor : tensors)
    if (tensor.device() != first.device() || tensor.scalar_type() != first.scalar_type() ||
        tensor.sizes() != first.sizes() || !have_same_order(tensor, first) || !tensor.is_non_overlapping_and_dense())
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
    const Work own_work = work;
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) own_work(own[I][i]...);
  });
}

/// Calls `work(value of each tensor...)` for all places, in threads: one pass over memory, where a chain of tensor
/// operations takes one for each. False, and nothing done, where the tensors do not lie alike or are neither float nor
/// double.
template <size_t Count, class Work>
bool for_each_value(const std::array<torch::Tensor, Count>& tensors, const Work& work) {
  if (!tensors[0].device().is_cpu() || !lie_alike(tensors)) return false;
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

/// Whether `pass_on_cuda` takes the tensors of a parameter: floats that lie alike on a CUDA device.
template <size_t Count>
bool can_pass_on_cuda(const std::array<torch::Tensor, Count>& tensors) {
  return tensors[0].is_cuda() && tensors[0].scalar_type() == torch::kFloat && lie_alike(tensors);
}

/// Calls `rule(value of each tensor...)` for all places of all parameters, in one pass by few kernels. `rule` is one of
/// value_rules.h.
template <class Rule, size_t Count>
void pass_on_cuda(const Rule& rule, const std::vector<std::array<torch::Tensor, Count>>& parameters) {
  if (parameters.empty()) return;
#ifdef UNET_CUDA
  std::vector<ParameterValues<Count>> values;
  for (const auto& tensors : parameters) {
    values.push_back({{}, tensors[0].numel()});
    for (size_t i = 0; i < Count; ++i) values.back().of[i] = tensors[i].template data_ptr<float>();
  }
  const c10::Device device = parameters[0][0].device();
  const c10::DeviceGuard guard(device);
  apply_on_cuda(rule, values, c10::cuda::getCurrentCUDAStream(device.index()).stream());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
#else
  static_cast<void>(rule);  // in a build without CUDA nothing lies there
#endif
}

}  // namespace unet
