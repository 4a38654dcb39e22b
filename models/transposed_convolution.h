#pragma once

#include <torch/nn/modules/conv.h>

namespace unet {

/// What `module.forward(x)` computes; where kernel = stride and nothing overlaps, by a 1x1 convolution
/// and an interleave, which runs in bf16 and channels_last (LibTorch 1.13's own path has neither).
torch::Tensor conv_transpose2d(torch::nn::ConvTranspose2dImpl& module, const torch::Tensor& x);

}  // namespace unet
