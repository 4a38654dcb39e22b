#pragma once

// Bugs of libraries and their workarounds. Each function is named for its bug. A version that is named is one in which
// the bug was seen.

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>

namespace unet::compat {

/// oneDNN 2.6 (LibTorch 1.13): in bf16 the weight gradient of a convolution is wrong, and oneDNN writes out of bounds,
/// for kernels above 1x1 if the output is wider than 224 pixels. Seen for kernels of 3x3, for all widths from 388 on
/// and, with some heights, from 225 on. LibTorch 2.6 is correct.
bool onednn_breaks_weight_gradient_of_wide_maps(int64_t kernel_values, int64_t output_width);

/// oneDNN 2.6 (LibTorch 1.13): on a CPU, in bf16 and channels_last, the input gradient of a 1x1 convolution is garbage
/// for an odd number of output channels and some sizes, such as 120x120, 240x320 and 360x480. It is correct with one
/// more output channel.
bool onednn_breaks_input_gradient_of_odd_outputs(const at::Tensor& x, const at::Tensor& weight, int64_t groups);

/// LibTorch 1.13: on a CPU, in bf16 and channels_last, the weight gradient of a convolution that is both dilated and
/// grouped is garbage. `run_in_fp32` works around it.
bool breaks_weight_gradient_of_dilated_groups(const at::Tensor& x, int64_t dilation, int64_t groups);

/// Returns `work(x)`, computed in fp32 without autocast and cast to autocast's type for the CPU.
at::Tensor run_in_fp32(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& work);

/// LibTorch 1.13: on a CPU the gradient of gelu is garbage if the gradient of its output has another memory format than
/// its input. Returns gelu(x) with a hook that converts that gradient to the input's format.
at::Tensor gelu_with_gradient_in_format(const at::Tensor& x);

/// LibTorch before 2.1: CUDA supports neither mode of interpolation in bf16.
bool lacks_interpolation(const at::Tensor& x);

/// LibTorch: the gradient of bilinear interpolation on CUDA throws if algorithms must be deterministic.
bool lacks_deterministic_bilinear(const at::Tensor& x);

/// oneDNN 3.7 (LibTorch 2.6 of Debian 13): on virtual machines that hide the sizes of the processor's caches, fp32
/// convolutions and their input gradients are garbage for many numbers of channels, and some end the program by a
/// division by zero. Convolves on such a machine, and returns whether the results are wrong.
bool onednn_is_wrong_without_cache_sizes();

/// Switches oneDNN off for this process if it computes wrong values here; LibTorch's own convolutions, which are
/// slower, take its place. Returns whether oneDNN is off for that reason. Later calls return the first answer.
bool disable_wrong_onednn();

}  // namespace unet::compat
