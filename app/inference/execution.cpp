#include "app/inference/execution.h"

#include <torch/torch.h>

#include "app/torch_compat.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

/// AMX multiplies bf16 some ten times faster than AVX-512 does fp32. AVX512-BF16 alone was not measured faster.
bool cpu_has_amx_bf16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("amx-bf16") != 0;
#else
  return false;
#endif
}

torch::Device parse_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  const bool has_index = name.rfind("cuda:", 0) == 0 && name.size() > 5 && name.size() < 8 &&
                         name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cuda" && !has_index)
    fail(ErrorKind::usage, "--device: got '", name, "', expected auto, cpu, cuda or cuda:N");
  const int index = has_index ? std::stoi(name.substr(5)) : 0;
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (index >= count)
    fail(ErrorKind::unavailable, "--device ", name, ": LibTorch sees ", count,
         " CUDA devices. The distribution's LibTorch is built for CPUs only; use --device cpu, or build against the ",
         "CUDA zip from pytorch.org.");
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

bool bf16_is_fast(const torch::Device& device) {
  return device.is_cuda() || cpu_has_amx_bf16();  // GPUs before Ampere emulate bf16, at the cost of fp32
}

}  // namespace

std::string Execution::text() const {
  return concat(device.str(), ", ", bf16 ? "bf16" : "fp32", ", ",
                memory_format == torch::MemoryFormat::ChannelsLast ? "channels_last" : "contiguous");
}

Execution choose_execution(const std::string& device, const std::string& precision, const std::string& memory_format) {
  Execution execution;
  execution.device = parse_device(device);
  execution.bf16 = precision == "bf16" || (precision == "auto" && bf16_is_fast(execution.device));
  const bool channels_last = memory_format == "channels_last" || (memory_format == "auto" && execution.bf16);
  execution.memory_format = channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  return execution;
}

void place(NetworkImpl& network, const Execution& execution) {
  network.to(execution.device);
  torch::NoGradGuard no_grad;
  for (auto& parameter : network.parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(execution.memory_format));
}

torch::Tensor placed(const torch::Tensor& images, const Execution& execution) {
  return images.to(execution.device, images.scalar_type(), /*non_blocking=*/false, /*copy=*/false,
                   execution.memory_format);
}

AutocastGuard::AutocastGuard(const Execution& execution) : active_(execution.bf16), device_(execution.device.type()) {
  if (active_) compat::set_autocast(device_, true);
}

AutocastGuard::~AutocastGuard() {
  if (!active_) return;
  compat::set_autocast(device_, false);
  at::autocast::clear_cache();  // casted weights are kept until here
}

}  // namespace unet
