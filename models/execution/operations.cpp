#include "models/execution/operations.h"

#include <torch/nn.h>

#include "configs/schema/error.h"
#include "models/compat/library_faults.h"
#include "models/fused/convolution/amx_convolution.h"
#include "models/fused/interpolation/interpolation.h"
#include "models/fused/transposed_convolution/transposed_convolution.h"

namespace unet {
namespace {

namespace nn = torch::nn;
using ModulePtr = std::shared_ptr<nn::Module>;
using Tensors = std::vector<torch::Tensor>;

/// Creates modules. Has an overload for each operation: a new operation does not compile without one.
struct ModuleMaker {
  ModulePtr operator()(const op::Input&) const { return nullptr; }
  ModulePtr operator()(const op::Conv2d& o) const {
    return nn::Conv2d(nn::Conv2dOptions(o.in_channels, o.out_channels, o.kernel_size)
                          .stride(o.stride)
                          .padding(o.padding)
                          .dilation(o.dilation)
                          .groups(o.groups)
                          .bias(o.bias))
        .ptr();
  }
  ModulePtr operator()(const op::ConvTranspose2d& o) const {
    return nn::ConvTranspose2d(nn::ConvTranspose2dOptions(o.in_channels, o.out_channels, o.kernel_size)
                                   .stride(o.stride)
                                   .padding(o.padding)
                                   .output_padding(o.output_padding)
                                   .groups(o.groups)
                                   .bias(o.bias)
                                   .dilation(o.dilation))
        .ptr();
  }
  ModulePtr operator()(const op::Norm& o) const {
    switch (o.kind) {
      case op::NormKind::batch:
        return nn::BatchNorm2d(nn::BatchNorm2dOptions(o.channels).eps(o.eps).momentum(o.momentum)).ptr();
      case op::NormKind::instance:
        return nn::InstanceNorm2d(nn::InstanceNorm2dOptions(o.channels).eps(o.eps).affine(true)).ptr();
      case op::NormKind::group:
        return nn::GroupNorm(nn::GroupNormOptions(o.groups, o.channels).eps(o.eps)).ptr();
    }
    fail(ErrorKind::internal, "[network] a norm without a module");
  }
  ModulePtr operator()(const op::Activation& o) const {
    return o.kind == op::ActivationKind::prelu ? nn::PReLU(nn::PReLUOptions().init(o.init)).ptr() : nullptr;
  }
  ModulePtr operator()(const op::Dropout&) const { return nullptr; }
  ModulePtr operator()(const op::MaxPool2d&) const { return nullptr; }
  ModulePtr operator()(const op::GlobalAvgPool2d&) const { return nullptr; }
  ModulePtr operator()(const op::Concatenate&) const { return nullptr; }
  ModulePtr operator()(const op::Add&) const { return nullptr; }
  ModulePtr operator()(const op::Multiply&) const { return nullptr; }
  ModulePtr operator()(const op::Interpolate&) const { return nullptr; }
  ModulePtr operator()(const op::PixelShuffle&) const { return nullptr; }
  ModulePtr operator()(const op::Pad&) const { return nullptr; }
  ModulePtr operator()(const op::CropLike&) const { return nullptr; }
};

/// Equals `norm.forward(x)`, but does not update the running statistics in a recomputation.
torch::Tensor batch_norm(nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
  if (pass == Pass::first || !norm.is_training()) return norm.forward(x);
  return torch::batch_norm(x, norm.weight, norm.bias, /*running_mean=*/{}, /*running_var=*/{}, /*training=*/true,
                           /*momentum=*/0, norm.options.eps(), at::globalContext().userEnabledCuDNN());
}

/// Returns the indices `first`, `first` + 1, ... into a side of `size` pixels, reflected at both ends as often as
/// needed.
torch::Tensor mirrored_indices(int64_t first, int64_t count, int64_t size, const torch::Device& device) {
  const int64_t period = std::max<int64_t>(1, 2 * (size - 1));
  const auto places =
      torch::arange(first, first + count, torch::dtype(torch::kLong).device(device)).abs().remainder(period);
  return torch::minimum(places, period - places);
}

/// Runs operations with LibTorch. Has an overload for each operation: a new operation does not compile without one.
struct Runner {
  nn::Module* module;
  const Tensors& in;
  const RunMode& mode;

  torch::Tensor operator()(const op::Input&) const {
    fail(ErrorKind::internal, "[network] a second input node besides the images");
  }
  torch::Tensor operator()(const op::Conv2d& o) const {
    auto& conv = *module->as<nn::Conv2d>();
    if (o.stride == 1 && o.dilation == 1)
      return conv2d_stride_1(in[0], conv.weight, conv.bias, {o.padding, o.padding}, o.groups, mode.kernels);
    if (!compat::breaks_weight_gradient_of_dilated_groups(in[0], o.dilation, o.groups)) return conv.forward(in[0]);
    return compat::run_in_fp32(in[0], [&](const torch::Tensor& x) { return conv.forward(x); });
  }
  torch::Tensor operator()(const op::ConvTranspose2d& o) const {
    auto& conv = *module->as<nn::ConvTranspose2d>();
    const bool is_fused = mode.kernels == KernelChoice::fused && in[0].is_cpu();
    return is_fused ? conv_transpose2d(o, in[0], conv.weight, conv.bias) : conv.forward(in[0]);
  }
  torch::Tensor operator()(const op::Norm& o) const {
    const torch::Tensor& x = in[0];
    switch (o.kind) {
      case op::NormKind::batch:
        return batch_norm(*module->as<nn::BatchNorm2d>(), x, mode.pass);
      // On a CPU these do not support bf16 values with fp32 parameters. On CUDA, autocast runs them in fp32 too.
      case op::NormKind::instance:
        return module->as<nn::InstanceNorm2d>()->forward(x.to(torch::kFloat)).to(x.scalar_type());
      case op::NormKind::group:
        return module->as<nn::GroupNorm>()->forward(x.to(torch::kFloat)).to(x.scalar_type());
    }
    fail(ErrorKind::internal, "[network] a norm without a function");
  }
  torch::Tensor operator()(const op::Activation& o) const {
    switch (o.kind) {
      case op::ActivationKind::relu:
        return torch::relu(in[0]);
      case op::ActivationKind::leaky_relu:
        return torch::leaky_relu(in[0], o.negative_slope);
      case op::ActivationKind::elu:
        return torch::elu(in[0], o.alpha);
      case op::ActivationKind::silu:
        return torch::silu(in[0]);
      case op::ActivationKind::gelu:
        return compat::gelu_with_gradient_in_format(in[0]);
      case op::ActivationKind::prelu:
        return torch::prelu(in[0], module->as<nn::PReLU>()->weight.to(in[0].scalar_type()));
      case op::ActivationKind::sigmoid:
        return torch::sigmoid(in[0]);
    }
    fail(ErrorKind::internal, "[network] an activation without a function");
  }
  torch::Tensor operator()(const op::Dropout& o) const { return torch::dropout(in[0], o.probability, mode.training); }
  torch::Tensor operator()(const op::MaxPool2d& o) const {
    return torch::max_pool2d(in[0], o.kernel_size, o.stride, o.padding);
  }
  torch::Tensor operator()(const op::GlobalAvgPool2d&) const { return torch::adaptive_avg_pool2d(in[0], {1, 1}); }
  torch::Tensor operator()(const op::Concatenate&) const { return torch::cat(in, 1); }
  torch::Tensor operator()(const op::Add&) const { return in[0] + in[1]; }
  torch::Tensor operator()(const op::Multiply&) const { return in[0] * in[1]; }
  torch::Tensor operator()(const op::Interpolate& o) const {
    const torch::Tensor x = compat::lacks_interpolation(in[0]) ? in[0].to(torch::kFloat) : in[0];
    const PerAxis size{x.size(2) * o.factor[0], x.size(3) * o.factor[1]};
    const auto large = o.mode == op::InterpolateMode::nearest    ? torch::upsample_nearest2d(x, size)
                       : compat::lacks_deterministic_bilinear(x) ? bilinear_by_matrix_products(x, size, o.align_corners)
                                                                 : torch::upsample_bilinear2d(x, size, o.align_corners);
    return large.to(in[0].scalar_type());
  }
  torch::Tensor operator()(const op::PixelShuffle& o) const { return torch::pixel_shuffle(in[0], o.factor); }
  torch::Tensor operator()(const op::Pad& o) const {
    const torch::Tensor& x = in[0];
    const int64_t height = op::padded_size(x.size(2), o, 0), width = op::padded_size(x.size(3), o, 1);
    if (o.mirror)
      return x.index_select(2, mirrored_indices(-o.margin[0], height, x.size(2), x.device()))
          .index_select(3, mirrored_indices(-o.margin[1], width, x.size(3), x.device()));
    const int64_t bottom = height - x.size(2), right = width - x.size(3);
    return bottom == 0 && right == 0 ? x : torch::replication_pad2d(x, {0, right, 0, bottom});
  }
  torch::Tensor operator()(const op::CropLike& o) const {
    const torch::Tensor &x = in[0], &like = in[1];
    const int64_t top = o.center ? (x.size(2) - like.size(2)) / 2 : 0;
    const int64_t left = o.center ? (x.size(3) - like.size(3)) / 2 : 0;
    return x.narrow(2, top, like.size(2)).narrow(3, left, like.size(3));
  }
};

}  // namespace

ModulePtr make_module(const Op& operation) { return std::visit(ModuleMaker{}, operation); }

torch::Tensor run(const Op& operation, nn::Module* module, const Tensors& in, const RunMode& mode) {
  return std::visit(Runner{module, in, mode}, operation);
}

}  // namespace unet
