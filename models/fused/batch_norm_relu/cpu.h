#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// The CPU variant of `can_batch_norm_relu`.
bool can_batch_norm_relu_on_cpu(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x);

/// The CPU variant of `batch_norm_relu`. The result is the same for any number of threads.
torch::Tensor batch_norm_relu_on_cpu(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass);

}  // namespace unet
