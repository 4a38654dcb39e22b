#include "models/fused/convolution/packed_convolution.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <optional>

#include "models/compat/processor.h"

namespace unet {
namespace {

/// Returns an operator of LibTorch that has no C++ function; nullopt if this LibTorch lacks it.
std::optional<c10::OperatorHandle> find_operator(const char* name) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, ""});
  return found ? std::optional(*found) : std::nullopt;
}

c10::IValue call(const c10::OperatorHandle& function, std::vector<c10::IValue> stack) {
  function.callBoxed(&stack);
  return std::move(stack.front());
}

bool onednn_computes_in(torch::ScalarType dtype) {
  if (!at::globalContext().userEnabledMkldnn() || !at::hasMKLDNN()) return false;
  return dtype == torch::kFloat || compat::processor_runs_onednn_in_bf16();
}

}  // namespace

PackedConvolution::PackedConvolution(const Settings& settings, const torch::Tensor& weight, const torch::Tensor& bias,
                                     const std::vector<int64_t>& input)
    : settings_(settings),
      weight_(weight.to(settings.dtype).contiguous(settings.memory_format)),
      bias_(bias.defined() ? bias.to(settings.dtype) : bias) {
  // Without it, bias and ReLU are a kernel each: 0.50 ms instead of 0.18 for 64 channels in bf16, 16 images of 256x256,
  // on an H200.
  has_cudnn_relu_ = weight.is_cuda() && settings.relu && bias.defined() && torch::cuda::cudnn_is_available();
  static const auto prepack = find_operator("mkldnn_prepacked::conv2d_prepack");
  if (!prepack || !weight.is_cpu() || !onednn_computes_in(settings.dtype)) return;
  packed_ =
      call(*prepack, {weight_, bias_.defined() ? c10::IValue(bias_) : c10::IValue(), settings.stride, settings.padding,
                      settings.dilation, settings.groups, input, std::string(settings.relu ? "relu" : "none")});
  weight_ = bias_ = torch::Tensor();
}

torch::Tensor PackedConvolution::run(const torch::Tensor& x) const {
  const auto input = x.to(settings_.dtype).contiguous(settings_.memory_format);
  if (is_packed()) {
    static const auto conv2d_run = find_operator("mkldnn_prepacked::conv2d_run");
    return call(*conv2d_run, {input, packed_}).toTensor();
  }
  if (has_cudnn_relu_) try {
      return at::cudnn_convolution_relu(input, weight_, bias_, settings_.stride, settings_.padding, settings_.dilation,
                                        settings_.groups);
    } catch (const c10::Error&) {
      has_cudnn_relu_ = false;  // cuDNN has no kernel for these sizes
    }
  auto y =
      torch::conv2d(input, weight_, bias_, settings_.stride, settings_.padding, settings_.dilation, settings_.groups);
  return settings_.relu ? y.relu_() : y;
}

}  // namespace unet
