#include "models/transposed_convolution.h"

#include <torch/torch.h>

#include <variant>

namespace unet {
namespace {

using Options = torch::nn::detail::ConvNdOptions<2>;

bool each_output_has_one_input(const Options& o) {
  using std::get_if;  // LibTorch before 2.1 has a variant of its own, whose get_if is found by its argument
  const auto all = [](const torch::ExpandingArray<2>& values, int64_t wanted) {
    return values->at(0) == wanted && values->at(1) == wanted;
  };
  const auto* padding = get_if<torch::ExpandingArray<2>>(&o.padding());
  return *o.kernel_size() == *o.stride() && padding != nullptr && all(*padding, 0) && all(o.output_padding(), 0) &&
         all(o.dilation(), 1) && o.groups() == 1;
}

}  // namespace

torch::Tensor conv_transpose2d(torch::nn::ConvTranspose2dImpl& module, const torch::Tensor& x) {
  if (!each_output_has_one_input(module.options)) return module.forward(x);
  const torch::Tensor& weight = module.weight;  // (in, out, kh, kw)
  const int64_t out = weight.size(1), kh = weight.size(2), kw = weight.size(3);
  const auto as_1x1 = weight.permute({2, 3, 1, 0}).reshape({kh * kw * out, weight.size(0), 1, 1});
  const auto bias = module.bias.defined() ? module.bias.repeat({kh * kw}) : module.bias;
  const auto taps = torch::conv2d(x, as_1x1, bias);  // channel (i*kw + j)*out + c holds output pixel (i, j) of c
  const int64_t n = x.size(0), h = x.size(2), w = x.size(3);
  // In channels_last each row of an input row's taps is a contiguous run of kw*out values.
  return taps.permute({0, 2, 3, 1})
      .reshape({n, h, w, kh, kw, out})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({n, h * kh, w * kw, out})
      .permute({0, 3, 1, 2});
}

}  // namespace unet
