#include "models/compat/library_faults.h"

#include <ATen/Context.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <c10/util/accumulate.h>
#include <torch/version.h>

#include <vector>

#include "models/compat/processor.h"
#include "models/compat/torch_compat.h"

namespace unet::compat {

bool onednn_breaks_weight_gradient_of_wide_maps(int64_t kernel_values, int64_t output_width) {
  constexpr int64_t kMaxCorrectWidth = 224;
  return TORCH_VERSION_MAJOR < 2 && kernel_values > 1 && output_width > kMaxCorrectWidth;
}

bool onednn_breaks_input_gradient_of_odd_outputs(const at::Tensor& x, const at::Tensor& weight, int64_t groups) {
  const bool is_1x1 = weight.size(2) == 1 && weight.size(3) == 1;
  return TORCH_VERSION_MAJOR < 2 && is_1x1 && groups == 1 && weight.size(0) % 2 == 1 && at::GradMode::is_enabled() &&
         x.requires_grad() && x.device().is_cpu() && x.suggest_memory_format() == at::MemoryFormat::ChannelsLast &&
         (x.scalar_type() == at::kBFloat16 || autocast_enabled(at::kCPU));
}

bool breaks_weight_gradient_of_dilated_groups(const at::Tensor& x, int64_t dilation, int64_t groups) {
  return groups > 1 && dilation > 1 && x.device().is_cpu() &&
         (x.scalar_type() == at::kBFloat16 || autocast_enabled(at::kCPU));
}

at::Tensor run_in_fp32(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& work) {
  const c10::impl::ExcludeDispatchKeyGuard no_casts(c10::autocast_dispatch_keyset);
  return work(x.to(at::kFloat)).to(autocast_dtype(at::kCPU));
}

at::Tensor gelu_with_gradient_in_format(const at::Tensor& x) {
  auto y = at::gelu(x);
  const auto format = x.suggest_memory_format();
  if (y.requires_grad()) y.register_hook([format](const at::Tensor& gradient) { return gradient.contiguous(format); });
  return y;
}

bool lacks_interpolation(const at::Tensor& x) { return x.is_cuda() && x.scalar_type() == at::kBFloat16; }

bool lacks_deterministic_bilinear(const at::Tensor& x) {
  return x.is_cuda() && at::globalContext().deterministicAlgorithms();
}

namespace {

/// A convolution by oneDNN or by LibTorch, then its input gradient.
std::vector<at::Tensor> convolve(const at::Tensor& x, const at::Tensor& weight, bool with_onednn) {
  const at::NoGradGuard no_grad;
  at::globalContext().setUserEnabledMkldnn(with_onednn);
  const at::Tensor y = at::conv2d(x, weight, {}, 1, 1);
  return {y, at::conv_transpose2d(y.sign(), weight, {}, 1, 1)};
}

}  // namespace

bool onednn_is_wrong_without_cache_sizes() {
  if (TORCH_VERSION_MAJOR < 2 || !at::hasMKLDNN() || processor_describes_its_caches()) return false;
  const bool was_enabled = at::globalContext().userEnabledMkldnn();
  bool is_wrong = false;
  for (const int64_t in_channels : {1, 4, 12, 24})
    for (const int64_t out_channels : {1, 12, 24}) {
      const auto wave = [](at::IntArrayRef shape) {
        return at::arange(c10::multiply_integers(shape), at::kFloat).sin().reshape(shape);
      };
      const at::Tensor x = wave({2, in_channels, 8, 8}), weight = wave({out_channels, in_channels, 3, 3});
      const auto fast = convolve(x, weight, true), right = convolve(x, weight, false);
      for (size_t i = 0; i < right.size(); ++i) is_wrong = is_wrong || !at::allclose(fast[i], right[i], 1e-2, 1e-3);
    }
  at::globalContext().setUserEnabledMkldnn(was_enabled);
  return is_wrong;
}

bool disable_wrong_onednn() {
  static const bool is_off = [] {
    const bool is_wrong = onednn_is_wrong_without_cache_sizes();
    if (is_wrong) at::globalContext().setUserEnabledMkldnn(false);
    return is_wrong;
  }();
  return is_off;
}

}  // namespace unet::compat
