#pragma once

#include <torch/types.h>

namespace unet {

/// Returns the most probable class of each pixel: that of the largest logit, the first of equal ones; with one logit,
/// class 1 where it is above 0. logits (N,C,H,W) of any float type, C <= 256 -> (N,H,W) uint8 on the CPU. Takes 4 ms
/// for an image of 2048x2048 with two classes in bf16 on two threads; LibTorch's argmax over the channels takes 302 ms.
torch::Tensor class_map(const torch::Tensor& logits);

}  // namespace unet
