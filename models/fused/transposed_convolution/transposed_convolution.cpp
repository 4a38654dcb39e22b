#include "models/fused/transposed_convolution/transposed_convolution.h"

#include <torch/types.h>

#include <algorithm>

#include "models/fused/convolution/amx_convolution.h"
#include "models/fused/transposed_convolution/interleave.h"

namespace unet {
namespace {

/// Number of neighboring input pixels that reach one output pixel, minus one.
int64_t further_taps(const op::ConvTranspose2d& o, size_t axis) {
  return o.dilation[axis] * (o.kernel_size[axis] - 1) / o.stride[axis];
}

/// Returns the kernel with its dilation written out as zeros.
torch::Tensor dilate_kernel(const torch::Tensor& weight, const PerAxis& dilation) {
  if (dilation == PerAxis{1, 1}) return weight;
  const int64_t height = dilation[0] * (weight.size(2) - 1) + 1, width = dilation[1] * (weight.size(3) - 1) + 1;
  auto wide = torch::zeros({weight.size(0), weight.size(1), height, width}, weight.options());
  wide.slice(2, 0, height, dilation[0]).slice(3, 0, width, dilation[1]).copy_(weight);
  return wide;
}

/// (in, out/groups, kh, kw) -> (groups*sh*sw*out/groups, in/groups, taps_h, taps_w): each group holds the kernels of
/// its phases, one after another.
torch::Tensor phase_kernels(const op::ConvTranspose2d& o, const torch::Tensor& weight) {
  const torch::Tensor kernel = dilate_kernel(weight, o.dilation);
  const int64_t in = weight.size(0) / o.groups, out = weight.size(1);
  const int64_t taps_h = further_taps(o, 0) + 1, taps_w = further_taps(o, 1) + 1;
  const int64_t height = taps_h * o.stride[0], width = taps_w * o.stride[1];
  const auto full = height == kernel.size(2) && width == kernel.size(3)
                        ? kernel
                        : torch::constant_pad_nd(kernel, {0, width - kernel.size(3), 0, height - kernel.size(2)});
  auto phases = full.reshape({o.groups, in, out, taps_h, o.stride[0], taps_w, o.stride[1]});
  if (taps_h * taps_w > 1) phases = phases.flip({3, 5});  // the last tap meets the first input pixel
  return phases.permute({0, 4, 6, 2, 1, 3, 5})
      .reshape({o.groups * o.stride[0] * o.stride[1] * out, in, taps_h, taps_w});
}

torch::Tensor phase_biases(const op::ConvTranspose2d& o, const torch::Tensor& bias) {
  if (!bias.defined()) return bias;
  const int64_t phases = o.stride[0] * o.stride[1], out = bias.size(0) / o.groups;
  return bias.view({o.groups, 1, out}).expand({o.groups, phases, out}).reshape({-1});
}

/// Sizes of the output and of the maps of phases, and the rows and columns that output_padding adds to these.
struct Sizes {
  PerAxis output{}, phases{}, missing{};

  Sizes(const op::ConvTranspose2d& o, const torch::Tensor& x) {
    for (size_t axis = 0; axis < 2; ++axis) {
      const int64_t in = x.size(static_cast<int64_t>(axis) + 2);
      output[axis] = op::output_size(in, o, axis);
      phases[axis] = in + further_taps(o, axis);
      const int64_t wanted = (o.padding[axis] + output[axis] + o.stride[axis] - 1) / o.stride[axis];
      missing[axis] = std::max<int64_t>(0, wanted - phases[axis]);
      phases[axis] += missing[axis];
    }
  }
};

}  // namespace

PhaseConvolution phase_convolution(const op::ConvTranspose2d& o, const torch::Tensor& weight,
                                   const torch::Tensor& bias) {
  return {phase_kernels(o, weight), phase_biases(o, bias), {further_taps(o, 0), further_taps(o, 1)}};
}

torch::Tensor phase_input(const op::ConvTranspose2d& o, const torch::Tensor& x) {
  const PerAxis missing = Sizes(o, x).missing;
  return missing == PerAxis{0, 0} ? x : torch::constant_pad_nd(x, {0, missing[1], 0, missing[0]});
}

torch::Tensor join_phases(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& phases,
                          const torch::Tensor& skip) {
  const Sizes sizes(o, x);
  const PerAxis &size = sizes.output, &rows = sizes.phases;
  if (can_interleave(o, phases, skip)) return interleave(o, phases, size, skip);
  const int64_t n = x.size(0), sh = o.stride[0], sw = o.stride[1], out = o.out_channels / o.groups;
  const auto joined = phases.permute({0, 2, 3, 1})
                          .reshape({n, rows[0], rows[1], o.groups, sh, sw, out})
                          .permute({0, 1, 4, 2, 5, 3, 6})
                          .reshape({n, rows[0] * sh, rows[1] * sw, o.groups * out})
                          .permute({0, 3, 1, 2})
                          .narrow(2, o.padding[0], size[0])
                          .narrow(3, o.padding[1], size[1]);
  return skip.defined() ? torch::cat({skip, joined}, 1) : joined;
}

torch::Tensor conv_transpose2d(const op::ConvTranspose2d& o, const torch::Tensor& x, const torch::Tensor& weight,
                               const torch::Tensor& bias, const torch::Tensor& skip) {
  const PhaseConvolution convolution = phase_convolution(o, weight, bias);
  const auto input = phase_input(o, x);
  const auto phases =
      conv2d_stride_1(input, convolution.weight, convolution.bias, convolution.padding, o.groups, KernelChoice::fused);
  return join_phases(o, x, phases, skip);
}

}  // namespace unet
