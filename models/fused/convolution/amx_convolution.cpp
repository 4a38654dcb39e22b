#include "models/fused/convolution/amx_convolution.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "models/compat/library_faults.h"
#include "models/compat/torch_compat.h"
#include "models/fused/convolution/weight_gradient_amx.h"
#include "models/kernels/memory.h"
#include "models/compat/processor.h"

namespace unet {
namespace {

constexpr auto kFormat = torch::MemoryFormat::ChannelsLast;

torch::Tensor weight_gradient(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& grad_y,
                              const std::vector<int64_t>& padding, int64_t groups) {
  using kernels::Bf16;
  kernels::ConvolutionSizes sizes;
  sizes.images = x.size(0);
  sizes.height = x.size(2);
  sizes.width = x.size(3);
  sizes.inputs = weight.size(1);
  sizes.outputs = weight.size(0) / groups;
  sizes.x_stride = x.size(1);
  sizes.y_stride = grad_y.size(1);
  sizes.kernel_height = weight.size(2);
  sizes.kernel_width = weight.size(3);
  sizes.padding_height = padding[0];
  sizes.padding_width = padding[1];
  auto grad_weight = torch::empty(weight.sizes(), weight.options().dtype(torch::kFloat), kFormat);
  for (int64_t group = 0; group < groups; ++group)
    kernels::weight_gradient(sizes, kernels::data<Bf16>(x) + group * sizes.inputs,
                             kernels::data<Bf16>(grad_y) + group * sizes.outputs,
                             grad_weight.data_ptr<float>() + group * (grad_weight.numel() / groups));
  return grad_weight;
}

class AmxConvolution : public torch::autograd::Function<AmxConvolution> {
 public:
  /// `x` must be in bf16.
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const c10::optional<torch::Tensor>& bias,
                               const std::vector<int64_t>& padding, int64_t groups) {
    const auto own_weight = weight.to(x.scalar_type());
    context->save_for_backward({x, own_weight});
    context->saved_data["padding"] = padding;
    context->saved_data["groups"] = groups;
    context->saved_data["x requires grad"] = x.requires_grad();
    context->saved_data["has bias"] = bias.has_value();
    return torch::conv2d(x, own_weight, bias ? bias->to(x.scalar_type()) : torch::Tensor(), /*stride=*/1, padding,
                         /*dilation=*/1, groups);
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    const auto padding = context->saved_data["padding"].toIntVector();
    const int64_t groups = context->saved_data["groups"].toInt();
    const auto grad_y = gradients[0].to(x.scalar_type()).contiguous(kFormat);
    torch::Tensor grad_x, grad_bias;
    if (context->saved_data["x requires grad"].toBool()) {
      const std::vector<int64_t> ones{1, 1}, zeros{0, 0}, bias{weight.size(0)};
      grad_x = std::get<0>(at::convolution_backward(
          grad_y, x, weight, bias, /*stride=*/ones, padding, /*dilation=*/ones,
          /*transposed=*/false, /*output_padding=*/zeros, groups, std::array<bool, 3>{true, false, false}));
    }
    if (context->saved_data["has bias"].toBool()) grad_bias = grad_y.sum({0, 2, 3}, /*keepdim=*/false, torch::kFloat);
    return {grad_x, weight_gradient(x.contiguous(kFormat), weight, grad_y, padding, groups), grad_bias, {}, {}};
  }
};

/// Whether the weight gradient is computed by our kernel.
bool uses_amx(const torch::Tensor& x, const torch::Tensor& weight, const std::vector<int64_t>& padding, int64_t groups,
              KernelChoice choice) {
  const bool is_bf16 = x.scalar_type() == torch::kBFloat16 || compat::autocast_enabled(torch::kCPU);
  if (!torch::GradMode::is_enabled() || !weight.requires_grad() || !x.device().is_cpu() || !is_bf16 ||
      !compat::processor_has_amx())
    return false;
  constexpr int64_t kNarrow = 16;
  const int64_t width = x.size(3) + 2 * padding[1] - weight.size(3) + 1;
  const bool is_required = compat::onednn_breaks_weight_gradient_of_wide_maps(weight.size(2) * weight.size(3), width);
  // Ours works on 32 channels at once. With at most 16 input and output channels, oneDNN took 0.7 of its time.
  const bool is_faster = groups == 1 && std::max(weight.size(0), weight.size(1)) > kNarrow;
  return is_required || (choice == KernelChoice::fused && is_faster);
}

}  // namespace

torch::Tensor conv2d_stride_1(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                              const std::vector<int64_t>& padding, int64_t groups, KernelChoice choice) {
  if (compat::onednn_breaks_input_gradient_of_odd_outputs(x, weight, groups)) {
    const auto more_weight = torch::constant_pad_nd(weight, {0, 0, 0, 0, 0, 0, 0, 1});
    const auto more_bias = bias.defined() ? torch::constant_pad_nd(bias, {0, 1}) : bias;
    const auto y = conv2d_stride_1(x, more_weight, more_bias, padding, groups, choice);
    return y.narrow(1, 0, weight.size(0)).contiguous(kFormat);
  }
  if (!uses_amx(x, weight, padding, groups, choice))
    return torch::conv2d(x, weight, bias, /*stride=*/1, padding, /*dilation=*/1, groups);
  const auto own_bias = bias.defined() ? c10::optional<torch::Tensor>(bias) : c10::nullopt;
  return AmxConvolution::apply(x.to(torch::kBFloat16), weight, own_bias, padding, groups);
}

}  // namespace unet
