#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

namespace unet {

/// Which time a part of the network runs for one loss; the second run must leave no traces, as in the statistics of
/// BatchNorm.
enum class Pass { first, recompute };

/// A part of the network. What it returns depends on nothing but its inputs, its parameters and, where it `draws`,
/// LibTorch's generator of their device.
struct Segment {
  std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>& inputs, Pass pass)> run;
  bool learns = true;  ///< whether any of its parameters needs a gradient
  bool draws = false;
};

/// What `segment` gives for `inputs`, without keeping its activations: the backward pass runs it again, with the same
/// random numbers and autocast, before it goes through it. The gradients are those without this, bit for bit where no
/// value is read by two parts and twice within one: sums of three are rounded in another order. Gradients of parameters
/// come by backward() only; torch::autograd::grad throws Error(internal). Source: Chen et al. 2016, arXiv:1604.06174;
/// torch.utils.checkpoint with use_reentrant=True.
std::vector<torch::Tensor> checkpointed(Segment segment, const std::vector<torch::Tensor>& inputs);

}  // namespace unet
