#include "app/training/tensor_copies.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <map>

namespace unet {
namespace {

/// Groups tensors by type and keeps their order.
std::vector<std::vector<torch::Tensor>> group_by_type(const std::vector<torch::Tensor>& tensors) {
  std::map<torch::ScalarType, std::vector<torch::Tensor>> groups;
  for (const torch::Tensor& tensor : tensors) groups[tensor.scalar_type()].push_back(tensor);
  std::vector<std::vector<torch::Tensor>> result;
  result.reserve(groups.size());
  for (auto& [type, group] : groups) result.push_back(std::move(group));
  return result;
}

}  // namespace

void TensorCopies::save(const std::vector<torch::Tensor>& tensors) {
  copies_.clear();
  for (const auto& group : group_by_type(tensors)) {
    std::vector<torch::Tensor> flat;
    flat.reserve(group.size());
    for (const torch::Tensor& tensor : group) flat.push_back(tensor.detach().reshape({-1}));
    copies_.push_back(torch::cat(flat));
  }
}

void TensorCopies::restore(const std::vector<torch::Tensor>& tensors) const {
  const torch::NoGradGuard no_grad;
  const auto groups = group_by_type(tensors);
  for (size_t i = 0; i < groups.size(); ++i) {
    int64_t begin = 0;
    for (const torch::Tensor& tensor : groups[i]) {
      tensor.copy_(copies_.at(i).slice(0, begin, begin + tensor.numel()).view(tensor.sizes()));
      begin += tensor.numel();
    }
  }
}

}  // namespace unet
