#include "models/execution/operations.h"

#include <torch/types.h>

#include "configs/schema/error.h"
#include "models/compat/torch_compat.h"
#include "models/fused/convolution/amx_convolution.h"
#include "models/fused/interpolation/interpolation.h"
#include "models/fused/transposed_convolution/transposed_convolution.h"

namespace unet {
namespace {

namespace nn = torch::nn;
using ModulePtr = std::shared_ptr<nn::Module>;
using Tensors = std::vector<torch::Tensor>;

ModulePtr make_norm(const op::Norm& o) {
  switch (o.kind) {
    case op::NormKind::batch:
      return nn::BatchNorm2d(nn::BatchNorm2dOptions(o.channels)).ptr();
    case op::NormKind::instance:
      return nn::InstanceNorm2d(nn::InstanceNorm2dOptions(o.channels).affine(true)).ptr();
    case op::NormKind::group:
      return nn::GroupNorm(nn::GroupNormOptions(o.groups, o.channels)).ptr();
  }
  fail(ErrorKind::internal, "[network] a norm without a module");
}

/// LibTorch 1.13 gives garbage for the weights' gradient of a convolution in bf16 that is both dilated and grouped, in
/// channels_last on a CPU: it runs in fp32 there.
torch::Tensor convolve(const op::Conv2d& o, nn::Conv2dImpl& module, const torch::Tensor& x, bool fast) {
  if (o.stride == 1 && o.dilation == 1)
    return conv2d_stride_1(x, module.weight, module.bias, {o.padding, o.padding}, o.groups, fast);
  const bool is_broken = o.groups > 1 && o.dilation > 1 && x.device().is_cpu() &&
                         (x.scalar_type() == torch::kBFloat16 || compat::autocast_enabled(torch::kCPU));
  if (!is_broken) return module.forward(x);
  const c10::impl::ExcludeDispatchKeyGuard no_casts(c10::autocast_dispatch_keyset);
  return module.forward(x.to(torch::kFloat)).to(compat::autocast_dtype(torch::kCPU));
}

/// LibTorch 1.13 gives garbage for the gradient of x on a CPU where the gradient of y has another memory format.
torch::Tensor safe_gelu(const torch::Tensor& x) {
  auto y = torch::gelu(x);
  const auto format = x.suggest_memory_format();
  if (y.requires_grad())
    y.register_hook([format](const torch::Tensor& gradient) { return gradient.contiguous(format); });
  return y;
}

torch::Tensor activate(op::ActivationKind kind, nn::Module* module, const torch::Tensor& x) {
  switch (kind) {
    case op::ActivationKind::relu:
      return torch::relu(x);
    case op::ActivationKind::leaky_relu:
      return torch::leaky_relu(x, 0.01);
    case op::ActivationKind::elu:
      return torch::elu(x);
    case op::ActivationKind::silu:
      return torch::silu(x);
    case op::ActivationKind::gelu:
      return safe_gelu(x);
    case op::ActivationKind::prelu:
      return torch::prelu(x, module->as<nn::PReLU>()->weight.to(x.scalar_type()));
    case op::ActivationKind::sigmoid:
      return torch::sigmoid(x);
  }
  fail(ErrorKind::internal, "[network] an activation without a function");
}

/// Numbers `first`, `first` + 1, ... of a side of `size` pixels that is reflected at its ends without end.
torch::Tensor mirrored(int64_t first, int64_t count, int64_t size, const torch::Device& device) {
  const int64_t period = std::max<int64_t>(1, 2 * (size - 1));
  const auto places =
      torch::arange(first, first + count, torch::dtype(torch::kLong).device(device)).abs().remainder(period);
  return torch::minimum(places, period - places);
}

torch::Tensor pad(const op::Pad& o, const torch::Tensor& x) {
  const int64_t height = op::padded_size(x.size(2), o, 0), width = op::padded_size(x.size(3), o, 1);
  if (o.mirror)
    return x.index_select(2, mirrored(-o.margin[0], height, x.size(2), x.device()))
        .index_select(3, mirrored(-o.margin[1], width, x.size(3), x.device()));
  const int64_t bottom = height - x.size(2), right = width - x.size(3);
  return bottom == 0 && right == 0 ? x : torch::replication_pad2d(x, {0, right, 0, bottom});
}

torch::Tensor crop_like(const op::CropLike& o, const torch::Tensor& x, const torch::Tensor& like) {
  const int64_t top = o.center ? (x.size(2) - like.size(2)) / 2 : 0;
  const int64_t left = o.center ? (x.size(3) - like.size(3)) / 2 : 0;
  return x.narrow(2, top, like.size(2)).narrow(3, left, like.size(3));
}

torch::Tensor interpolate(const op::Interpolate& o, const torch::Tensor& given) {
  // LibTorch before 2.1 has neither mode in bf16 on CUDA.
  const bool is_bf16_on_cuda = given.is_cuda() && given.scalar_type() == torch::kBFloat16;
  const torch::Tensor x = is_bf16_on_cuda ? given.to(torch::kFloat) : given;
  const PerAxis size{x.size(2) * o.factor[0], x.size(3) * o.factor[1]};
  const bool is_nearest = o.mode == op::InterpolateMode::nearest;
  const bool by_products = !is_nearest && x.is_cuda() && at::globalContext().deterministicAlgorithms();
  const auto large = is_nearest    ? torch::upsample_nearest2d(x, size)
                     : by_products ? bilinear_by_products(x, size, o.align_corners)
                                   : torch::upsample_bilinear2d(x, size, o.align_corners);
  return large.to(given.scalar_type());
}

torch::Tensor transposed(const op::ConvTranspose2d& o, nn::ConvTranspose2dImpl& module, const torch::Tensor& x,
                         bool fast) {
  return fast && x.is_cpu() ? conv_transpose2d(o, x, module.weight, module.bias) : module.forward(x);
}

/// What `norm.forward(x)` computes; its running statistics are updated in the first pass only.
torch::Tensor batch_norm(nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
  if (pass == Pass::first || !norm.is_training()) return norm.forward(x);
  return torch::batch_norm(x, norm.weight, norm.bias, /*running_mean=*/{}, /*running_var=*/{}, /*training=*/true,
                           /*momentum=*/0, norm.options.eps(), at::globalContext().userEnabledCuDNN());
}

/// LibTorch's batch norm takes bf16 values with fp32 parameters; its other norms do not on a CPU, so these
/// run in fp32, as they do under PyTorch's autocast on CUDA.
torch::Tensor normalize(const op::Norm& o, nn::Module& module, const torch::Tensor& x, Pass pass) {
  switch (o.kind) {
    case op::NormKind::batch:
      return batch_norm(*module.as<nn::BatchNorm2d>(), x, pass);
    case op::NormKind::instance:
      return module.as<nn::InstanceNorm2d>()->forward(x.to(torch::kFloat)).to(x.scalar_type());
    case op::NormKind::group:
      return module.as<nn::GroupNorm>()->forward(x.to(torch::kFloat)).to(x.scalar_type());
  }
  fail(ErrorKind::internal, "[network] a norm without a function");
}

}  // namespace

ModulePtr make_module(const Op& operation) {
  return std::visit(
      overloaded{
          [](const op::Conv2d& o) -> ModulePtr {
            return nn::Conv2d(nn::Conv2dOptions(o.in_channels, o.out_channels, o.kernel_size)
                                  .stride(o.stride)
                                  .padding(o.padding)
                                  .dilation(o.dilation)
                                  .groups(o.groups)
                                  .bias(o.bias))
                .ptr();
          },
          [](const op::ConvTranspose2d& o) -> ModulePtr {
            return nn::ConvTranspose2d(nn::ConvTranspose2dOptions(o.in_channels, o.out_channels, o.kernel_size)
                                           .stride(o.stride)
                                           .padding(o.padding)
                                           .output_padding(o.output_padding)
                                           .groups(o.groups)
                                           .bias(o.bias)
                                           .dilation(o.dilation))
                .ptr();
          },
          [](const op::Norm& o) -> ModulePtr { return make_norm(o); },
          [](const op::Activation& o) -> ModulePtr {
            return o.kind == op::ActivationKind::prelu ? nn::PReLU().ptr() : nullptr;
          },
          [](const auto&) -> ModulePtr { return nullptr; },
      },
      operation);
}

torch::Tensor run(const Op& operation, nn::Module* module, const Tensors& in, const RunMode& mode) {
  return std::visit(
      overloaded{
          [](const op::Input&) -> torch::Tensor { fail(ErrorKind::internal, "[network] images in two places"); },
          [&](const op::Conv2d& o) { return convolve(o, *module->as<nn::Conv2d>(), in[0], mode.fast); },
          [&](const op::ConvTranspose2d& o) {
            return transposed(o, *module->as<nn::ConvTranspose2d>(), in[0], mode.fast);
          },
          [&](const op::Norm& o) { return normalize(o, *module, in[0], mode.pass); },
          [&](const op::Activation& o) { return activate(o.kind, module, in[0]); },
          [&](const op::Dropout& o) { return torch::dropout(in[0], o.probability, mode.training); },
          [&](const op::MaxPool2d& o) { return torch::max_pool2d(in[0], o.kernel_size, o.stride, o.padding); },
          [&](const op::GlobalAvgPool2d&) {
            return torch::adaptive_avg_pool2d(in[0], {1, 1});
          },
          [&](const op::Concatenate&) { return torch::cat(in, 1); },
          [&](const op::Add&) { return in[0] + in[1]; },
          [&](const op::Multiply&) { return in[0] * in[1]; },
          [&](const op::Interpolate& o) { return interpolate(o, in[0]); },
          [&](const op::PixelShuffle& o) { return torch::pixel_shuffle(in[0], o.factor); },
          [&](const op::Pad& o) { return pad(o, in[0]); },
          [&](const op::CropLike& o) { return crop_like(o, in[0], in[1]); },
      },
      operation);
}

}  // namespace unet
