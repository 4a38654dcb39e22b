#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

#include "models/recompute/activation_checkpoint.h"

namespace unet {

/// Whether `batch_norm_relu` takes this: (N,C,H,W) float or bfloat16 in channels_last, of more than one pixel, and a
/// norm in training. On CUDA see batch_norm_relu_cuda.h.
bool can_batch_norm_relu(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x);

/// relu(norm(x)) in training, in two passes over memory forward and two backward.
/// The running statistics are updated in the first pass only. Equal to the modules to rounding, which is the same for
/// any number of threads.
torch::Tensor batch_norm_relu(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass);

}  // namespace unet
