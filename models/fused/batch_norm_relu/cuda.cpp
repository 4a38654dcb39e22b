#include "models/fused/batch_norm_relu/cuda.h"

#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/cuda.h>
#include <torch/nn.h>
#include <torch/types.h>

#include "models/fused/batch_norm_relu/cuda_kernels.h"

namespace unet {
namespace {

using kernels::cuda::MapShape;
using kernels::cuda::ValueType;

ValueType value_type(torch::ScalarType type) {
  return type == torch::kFloat ? ValueType::fp32 : type == torch::kBFloat16 ? ValueType::bf16 : ValueType::fp16;
}

MapShape shape_of(const torch::Tensor& x) { return {x.numel() / x.size(1), x.size(1), value_type(x.scalar_type())}; }

torch::Tensor scratch_for(const MapShape& shape, const torch::Tensor& x) {
  return torch::empty({kernels::cuda::scratch_floats(shape)}, x.options().dtype(torch::kFloat));
}

bool is_vector_aligned(const torch::Tensor& x) { return reinterpret_cast<uintptr_t>(x.data_ptr()) % 16 == 0; }

class BatchNormReluOnCuda : public torch::autograd::Function<BatchNormReluOnCuda> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias,
                               const torch::Tensor& running_mean, const torch::Tensor& running_var,
                               const torch::Tensor& num_batches_tracked, bool updates, double momentum, double eps) {
    const MapShape shape = shape_of(x);
    const auto scratch = scratch_for(shape, x);
    const auto saved = torch::empty({kernels::cuda::kSavedRows, shape.channels}, scratch.options());
    auto y = torch::empty_like(x);
    kernels::cuda::BatchNorm norm{weight.data_ptr<float>(),     bias.data_ptr<float>(), nullptr, nullptr, nullptr,
                                  static_cast<float>(momentum), static_cast<float>(eps)};
    if (updates) {
      norm.running_mean = running_mean.data_ptr<float>();
      norm.running_var = running_var.data_ptr<float>();
      norm.num_batches_tracked = num_batches_tracked.data_ptr<int64_t>();
    }
    kernels::cuda::batch_norm_relu(shape, x.data_ptr(), norm, scratch.data_ptr<float>(), saved.data_ptr<float>(),
                                   y.data_ptr(), c10::cuda::getCurrentCUDAStream());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    context->save_for_backward({x, saved});
    return y;
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto kept = context->get_saved_variables();
    const auto &x = kept[0], &saved = kept[1];
    auto gradient = gradients[0].to(x.scalar_type()).contiguous(torch::MemoryFormat::ChannelsLast);
    if (!is_vector_aligned(gradient)) gradient = gradient.clone();
    const MapShape shape = shape_of(x);
    const auto scratch = scratch_for(shape, x);
    const auto grad_weight = torch::empty({shape.channels}, scratch.options()),
               grad_bias = torch::empty_like(grad_weight);
    const auto grad_x = torch::empty_like(x);
    kernels::cuda::batch_norm_relu_backward(shape, x.data_ptr(), gradient.data_ptr(), saved.data_ptr<float>(),
                                            scratch.data_ptr<float>(), grad_x.data_ptr(), grad_weight.data_ptr<float>(),
                                            grad_bias.data_ptr<float>(), c10::cuda::getCurrentCUDAStream());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    std::vector<torch::Tensor> results{grad_x, grad_weight, grad_bias};
    results.resize(9);  // the other arguments of `forward` have no gradient
    return results;
  }
};

}  // namespace

bool can_batch_norm_relu_on_cuda(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) {
  const auto type = x.scalar_type();
  const bool is_known = type == torch::kFloat || type == torch::kBFloat16 || type == torch::kHalf;
  return norm.is_training() && x.is_cuda() && is_known && x.dim() == 4 &&
         x.is_contiguous(torch::MemoryFormat::ChannelsLast) && x.numel() > x.size(1) && is_vector_aligned(x) &&
         norm.weight.scalar_type() == torch::kFloat && kernels::cuda::supports_channels(x.size(1), value_type(type)) &&
         kernels::cuda::supports_device(x.device().index());
}

torch::Tensor batch_norm_relu_on_cuda(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
  return BatchNormReluOnCuda::apply(x, norm.weight, norm.bias, norm.running_mean, norm.running_var,
                                    norm.num_batches_tracked, pass == Pass::first, *norm.options.momentum(),
                                    norm.options.eps());
}

}  // namespace unet
