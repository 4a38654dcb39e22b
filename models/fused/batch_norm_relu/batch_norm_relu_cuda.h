#pragma once

#include "models/fused/batch_norm_relu/batch_norm_relu.h"

namespace unet {

// What batch_norm_relu.h has, on a CUDA device; in a build without CUDA nothing can be.

/// As there, also for half, of as many channels as fill whole vectors of 16 bytes.
bool can_batch_norm_relu_on_cuda(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x);

torch::Tensor batch_norm_relu_on_cuda(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass);

}  // namespace unet
