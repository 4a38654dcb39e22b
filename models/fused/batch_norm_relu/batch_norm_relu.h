#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// Whether `batch_norm_relu` supports the input: x (N,C,H,W) of more than one pixel, float or bfloat16, in
/// channels_last; `norm` in training mode. cuda.h says what differs on CUDA.
bool can_batch_norm_relu(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x);

/// Returns relu(norm(x)) in training mode, in two passes over memory forward and two backward. Updates the running
/// statistics in the first pass only. Equals LibTorch's modules up to rounding.
torch::Tensor batch_norm_relu(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass);

}  // namespace unet
