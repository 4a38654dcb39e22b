#pragma once

#include <torch/types.h>

#include <vector>

namespace unet {

/// Saved values of a list of tensors, as one flat tensor per type, since copying many small tensors is slow on CUDA.
class TensorCopies {
 public:
  /// Saves the values of `tensors`.
  void save(const std::vector<torch::Tensor>& tensors);

  /// Writes the saved values back. `tensors` are those that were saved, in the same order.
  void restore(const std::vector<torch::Tensor>& tensors) const;

 private:
  std::vector<torch::Tensor> copies_;
};

}  // namespace unet
