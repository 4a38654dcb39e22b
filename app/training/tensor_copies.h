#pragma once

#include <torch/types.h>

#include <vector>

namespace unet {

/// What some tensors hold, kept as one tensor for each type of values: on CUDA, copying many small ones one by one
/// takes longer than a step may.
class TensorCopies {
 public:
  void take(const std::vector<torch::Tensor>& tensors);

  /// Writes the copied values back. `tensors` are those that were taken, in their order.
  void restore(const std::vector<torch::Tensor>& tensors) const;

 private:
  std::vector<torch::Tensor> copies_;
};

}  // namespace unet
