#pragma once

#include <torch/types.h>

#include <vector>

namespace unet {

/// Saved values of some tensors, kept as one flat tensor for each type: on CUDA, copying many small tensors one by one
/// is slow.
class TensorCopies {
 public:
  /// Saves the values of `tensors`.
  void take(const std::vector<torch::Tensor>& tensors);

  /// Writes the copied values back. `tensors` are those that were taken, in their order.
  void restore(const std::vector<torch::Tensor>& tensors) const;

 private:
  std::vector<torch::Tensor> copies_;
};

}  // namespace unet
