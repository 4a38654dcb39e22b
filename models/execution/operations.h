#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "models/graph/graph.h"
#include "models/kernels/kernel_choice.h"
#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// How operations are run.
struct RunMode {
  bool training = false;
  Pass pass = Pass::first;
  KernelChoice kernels = KernelChoice::fused;
};

/// Creates the LibTorch module that owns the parameters and buffers of an operation; null if it has none.
std::shared_ptr<torch::nn::Module> make_module(const Op& operation);

/// Runs an operation with its `module`. Updates running statistics in the first pass only.
torch::Tensor run(const Op& operation, torch::nn::Module* module, const std::vector<torch::Tensor>& in,
                  const RunMode& mode);

}  // namespace unet
