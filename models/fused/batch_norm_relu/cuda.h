#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// The CUDA variant of `can_batch_norm_relu`: also supports half, and requires the channels to fill whole vectors of 16
/// bytes. Always false in a build without CUDA (cuda_absent.cpp).
bool can_batch_norm_relu_on_cuda(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x);

/// The CUDA variant of `batch_norm_relu`.
torch::Tensor batch_norm_relu_on_cuda(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass);

}  // namespace unet
