#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "models/recompute/activation_checkpoint.h"
#include "models/graph/graph.h"

namespace unet {

/// The LibTorch module that owns the parameters and buffers of an operation, or null where it has none.
std::shared_ptr<torch::nn::Module> make_module(const Op& operation);

/// How an operation is run.
struct RunMode {
  bool training = false;
  Pass pass = Pass::first;
  bool fast = true;  ///< false: by LibTorch's own kernels alone
};

/// What an operation gives; `module` is its own. In a second pass statistics stay as they are.
torch::Tensor run(const Op& operation, torch::nn::Module* module, const std::vector<torch::Tensor>& in,
                  const RunMode& mode);

}  // namespace unet
