#pragma once

// Faults of libraries and the ways around them. Each function is named for its fault; where a version is named, the
// fault was seen there.

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>

namespace unet::compat {

/// oneDNN 2.6 (LibTorch 1.13): in bf16 the weight gradient of a convolution is wrong, and oneDNN writes beyond its
/// memory, for kernels above 1x1 where the output is wider than 224 pixels. Seen for kernels of 3x3, for all widths
/// from 388 on and, with some heights, from 225 on; LibTorch 2.6 is right.
bool onednn_breaks_weight_gradient_of_wide_maps(int64_t kernel_values, int64_t output_width);

/// oneDNN 2.6 (LibTorch 1.13): on a CPU, in bf16 and channels_last, the input gradient of a 1x1 convolution is garbage
/// for an odd number of outputs and some sizes, such as 120x120, 240x320 and 360x480. It is right for one output more.
bool onednn_breaks_input_gradient_of_odd_outputs(const at::Tensor& x, const at::Tensor& weight, int64_t groups);

/// LibTorch 1.13: on a CPU, in bf16 and channels_last, the weight gradient of a convolution that is both dilated and
/// grouped is garbage. `run_in_fp32` is the way around it.
bool breaks_weight_gradient_of_dilated_groups(const at::Tensor& x, int64_t dilation, int64_t groups);

/// Returns `work(x in fp32)`, run without autocast, in autocast's type for the CPU.
at::Tensor run_in_fp32(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& work);

/// LibTorch 1.13: on a CPU the gradient of gelu is garbage where the gradient of the output has another memory format
/// than the input. Returns gelu(x) with a hook that brings that gradient into the input's format.
at::Tensor gelu_with_gradient_in_format(const at::Tensor& x);

/// LibTorch before 2.1: CUDA has neither mode of interpolation in bf16.
bool lacks_interpolation(const at::Tensor& x);

/// LibTorch: the CUDA gradient of bilinear interpolation is refused where algorithms must be deterministic.
bool lacks_deterministic_bilinear(const at::Tensor& x);

}  // namespace unet::compat
