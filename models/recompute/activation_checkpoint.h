#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

namespace unet {

/// The runs of a part of the network for one loss. A recomputation in the backward pass must have no side effects, such
/// as a change of BatchNorm statistics.
enum class Pass { first, recompute };

/// A part of the network. Its results depend only on its inputs, its parameters and, where it `draws`, LibTorch's
/// random generator of their device.
struct Segment {
  std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>& inputs, Pass pass)> run;
  bool learns = true;  ///< whether any of its parameters needs a gradient
  bool draws = false;
};

/// Returns the results of `segment` for `inputs` without keeping its activations: the backward pass recomputes them
/// with the same random numbers and autocast. The gradients stay the same, bit for bit, unless a value is read by two
/// segments and twice within one: a sum of three is then rounded in another order. Only backward() computes gradients
/// of parameters; torch::autograd::grad throws Error(internal). Source: Chen et al. 2016, arXiv:1604.06174;
/// torch.utils.checkpoint with use_reentrant=True.
std::vector<torch::Tensor> checkpointed(Segment segment, const std::vector<torch::Tensor>& inputs);

}  // namespace unet
