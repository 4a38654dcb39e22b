#include "models/wide_convolution.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>

#include "models/kernels/processor.h"
#include "models/torch_compat.h"

namespace unet {
namespace {

constexpr int64_t kWidest = 224;
constexpr bool kHasThisOneDnn = TORCH_VERSION_MAJOR < 2;

/// The gradients of x, weight and bias that `wanted` asks for.
std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> gradients_of(const torch::Tensor& x,
                                                                     const torch::Tensor& weight,
                                                                     const torch::Tensor& of_y,
                                                                     const std::vector<int64_t>& padding,
                                                                     int64_t groups, std::array<bool, 3> wanted) {
  const std::vector<int64_t> ones{1, 1}, zeros{0, 0}, bias{weight.size(0)};
  return at::convolution_backward(of_y, x, weight, bias, /*stride=*/ones, padding, /*dilation=*/ones,
                                  /*transposed=*/false, /*output_padding=*/zeros, groups, wanted);
}

torch::Tensor weight_gradient_by_strips(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& of_y,
                                        const std::vector<int64_t>& padding, int64_t groups) {
  const auto format = torch::MemoryFormat::ChannelsLast;
  const int64_t width = of_y.size(3), strips = (width + kWidest - 1) / kWidest;
  auto sum = torch::zeros_like(weight, weight.options().dtype(torch::kFloat));
  for (int64_t strip = 0; strip < strips; ++strip) {
    const int64_t begin = width * strip / strips, end = width * (strip + 1) / strips;        // columns of y, and
    const int64_t first = begin - padding[1], last = end - 1 - padding[1] + weight.size(3);  // of x, which they read
    const int64_t left = std::max<int64_t>(0, -first), right = std::max<int64_t>(0, last - x.size(3));
    auto own = x.narrow(3, first + left, last - right - first - left);
    if (left > 0 || right > 0) own = torch::constant_pad_nd(own, {left, right, 0, 0});
    sum +=
        std::get<1>(gradients_of(own.contiguous(format), weight, of_y.narrow(3, begin, end - begin).contiguous(format),
                                 {padding[0], 0}, groups, {false, true, false}));
  }
  return sum.to(weight.scalar_type());
}

class ConvolutionByStrips : public torch::autograd::Function<ConvolutionByStrips> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias,
                               const std::vector<int64_t>& padding, int64_t groups) {
    context->save_for_backward({x, weight});
    context->saved_data["padding"] = padding;
    context->saved_data["groups"] = groups;
    context->saved_data["x learns"] = x.requires_grad();
    return torch::conv2d(x, weight, bias, /*stride=*/1, padding, /*dilation=*/1, groups);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    const auto padding = context->saved_data["padding"].toIntVector();
    const int64_t groups = context->saved_data["groups"].toInt();
    const auto of_y = gradients[0].to(x.scalar_type()).contiguous(torch::MemoryFormat::ChannelsLast);
    torch::Tensor of_x;
    if (context->saved_data["x learns"].toBool())
      of_x = std::get<0>(gradients_of(x, weight, of_y, padding, groups, {true, false, false}));
    const auto of_bias = of_y.sum({0, 2, 3}, /*keepdim=*/false, torch::kFloat).to(x.scalar_type());
    return {of_x, weight_gradient_by_strips(x, weight, of_y, padding, groups), of_bias, {}, {}};
  }
};

}  // namespace

bool is_too_wide(const torch::Tensor& x, const torch::Tensor& weight, const std::vector<int64_t>& padding) {
  const bool wants_gradient = torch::GradMode::is_enabled() && weight.requires_grad();
  if (!kHasThisOneDnn || !wants_gradient || !x.device().is_cpu() || !kernels::processor_has_amx()) return false;
  const bool is_bf16 = x.scalar_type() == torch::kBFloat16 || compat::autocast_enabled(torch::kCPU);
  return is_bf16 && weight.size(2) * weight.size(3) > 1 && x.size(3) + 2 * padding[1] - weight.size(3) + 1 > kWidest;
}

torch::Tensor conv2d_by_strips(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                               const std::vector<int64_t>& padding, int64_t groups) {
  const auto own_bias = bias.defined() ? bias : torch::zeros({weight.size(0)});
  const auto cast = [](const torch::Tensor& tensor) { return tensor.to(torch::kBFloat16); };
  return ConvolutionByStrips::apply(cast(x), cast(weight), cast(own_bias), padding, groups);
}

}  // namespace unet
