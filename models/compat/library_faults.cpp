#include "models/compat/library_faults.h"

#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/version.h>

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

}  // namespace unet::compat
