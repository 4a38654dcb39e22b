#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

namespace unet {

/// Whether a part of the network runs for the first time or is recomputed in the backward pass. A recomputation must
/// have no side effects, such as an update of BatchNorm statistics.
enum class Pass { first, recompute };

/// A part of the network. Its results depend only on its inputs, its parameters and, if `draws_random`, LibTorch's
/// random generator of their device.
struct Segment {
  std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>& inputs, Pass pass)> run;
  bool requires_grad = true;  ///< whether any of its parameters requires a gradient
  bool draws_random = false;  ///< whether it draws random numbers
};

/// Returns the results of `segment` for `inputs` without keeping its activations: the backward pass recomputes them
/// with the same random numbers and autocast. The gradients are bit-identical, unless a value is read by two segments
/// and twice within one of them: the three gradients are then added in another order. Only backward() computes
/// gradients of parameters; torch::autograd::grad throws Error(internal). Source: Chen et al. 2016, arXiv:1604.06174;
/// torch.utils.checkpoint with use_reentrant=True.
std::vector<torch::Tensor> checkpointed(Segment segment, const std::vector<torch::Tensor>& inputs);

}  // namespace unet
