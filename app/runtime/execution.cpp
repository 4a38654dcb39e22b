#include "app/runtime/execution.h"

#include <spdlog/spdlog.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdlib>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/text.h"
#include "models/compat/library_faults.h"
#include "models/compat/processor.h"
#include "models/compat/torch_compat.h"

namespace unet {
namespace {

/// AMX multiplies bf16 about ten times as fast as AVX-512 multiplies fp32; with AVX512-BF16 alone (AMD EPYC of 2022)
/// training steps of the camvid preset were 1.9 times as fast.
bool cpu_has_bf16() {
  return !compat::disable_wrong_onednn() && (compat::processor_has_amx() || compat::processor_has_avx512_bf16());
}

torch::Device parse_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  const bool has_index = name.rfind("cuda:", 0) == 0 && name.size() > 5 && name.size() < 8 &&
                         name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cuda" && !has_index)
    fail(ErrorKind::usage, "--device: got '", name, "'", expected_one_of(name, {"auto", "cpu", "cuda", "cuda:N"}));
  const int index = has_index ? std::stoi(name.substr(5)) : 0;
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (index >= count) {
    const char* remedy = compat::kIsBuiltForCuda
                             ? "Check that nvidia-smi lists it, or use --device cpu."
                             : "This LibTorch is built for CPUs only; use --device cpu, or build with a LibTorch for "
                               "CUDA (see README).";
    fail(ErrorKind::unavailable, "--device ", name, ": LibTorch sees ", counted(count, "CUDA device"), ". ", remedy);
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

/// Warns once.
void leave_out_wrong_onednn() {
  static const bool warned = [] {
    if (!compat::disable_wrong_onednn()) return false;
    spdlog::warn(
        "this virtual machine hides the sizes of its processor's caches, with which the installed oneDNN computes "
        "wrong "
        "convolutions. It is left out; the results are right, but slower.");
    return true;
  }();
  static_cast<void>(warned);
}

bool bf16_is_fast(const torch::Device& device) {
  return device.is_cuda() || cpu_has_bf16();  // GPUs older than Ampere emulate bf16 at the speed of fp32
}

torch::ScalarType dtype_for(const torch::Device& device, Precision precision) {
  if (precision == Precision::fp32) return torch::kFloat;
  if (precision == Precision::bf16) return torch::kBFloat16;
  if (precision == Precision::fp16 && device.is_cuda()) return torch::kHalf;
  return bf16_is_fast(device) ? torch::kBFloat16 : torch::kFloat;
}

}  // namespace

std::string Execution::precision() const {
  return enum_name(dtype == torch::kHalf       ? Precision::fp16
                   : dtype == torch::kBFloat16 ? Precision::bf16
                                               : Precision::fp32);
}

Execution Execution::for_inference() const {
  Execution execution = *this;
  execution.memory_format = inference_format;
  return execution;
}

bool Execution::records_steps() const { return is_fused() && device.is_cuda() && compat::kHasCudaGraphs; }

std::string Execution::kernels_text() const {
  if (!is_fused()) return "LibTorch's kernels";
  if (device.is_cuda()) return records_steps() ? "fused kernels, steps as CUDA graphs" : "fused kernels";
  // Batch norm with ReLU and the up-sampling into the concatenation need the channels of a pixel side by side.
  if (memory_format != torch::MemoryFormat::ChannelsLast) return "fused kernels except batch norm and upsampling";
  const bool by_amx = dtype == torch::kBFloat16 && compat::processor_has_amx();
  return by_amx ? "fused kernels, weight gradients on AMX" : "fused kernels";
}

std::string Execution::text() const {
  return concat(device.str(), ", ", precision(), ", ",
                memory_format == torch::MemoryFormat::ChannelsLast ? "channels_last" : "contiguous", ", ",
                kernels_text());
}

Execution choose_execution(const std::string& device, Precision precision, MemoryFormatOption memory_format,
                           bool fast_paths) {
  Execution execution;
  execution.device = parse_device(device);
  if (execution.device.is_cpu()) leave_out_wrong_onednn();
  execution.dtype = dtype_for(execution.device, precision);
  execution.scales_loss = execution.dtype == torch::kHalf;
  const bool is_half = execution.dtype != torch::kFloat;
  const bool is_automatic = memory_format == MemoryFormatOption::automatic;
  const bool channels_last = memory_format == MemoryFormatOption::channels_last || (is_automatic && is_half);
  execution.memory_format = channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  execution.kernels = fast_paths ? KernelChoice::fused : KernelChoice::libtorch;
  const bool inference_only = is_automatic && execution.device.is_cpu() && compat::kImagesAreFasterInChannelsLast;
  execution.inference_format =
      inference_only && execution.is_fused() ? torch::MemoryFormat::ChannelsLast : execution.memory_format;
  return execution;
}

void choose_cuda_kernels(bool deterministic) {
  at::globalContext().setDeterministicAlgorithms(deterministic, /*warn_only=*/false);
  at::globalContext().setBenchmarkCuDNN(!deterministic);
  // Without it LibTorch refuses deterministic matrix products; see cuBLAS's page on reproducibility.
  if (deterministic) ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
}

void check_precision(Precision precision, const Execution& execution, const std::string& where) {
  if (precision == Precision::fp16 && !execution.device.is_cuda())
    fail(ErrorKind::config, where, ": got fp16 on ", execution.device.str(),
         ", expected a CUDA device, the only kind that trains in fp16. Set train.precision to bf16, fp32 or auto, or "
         "use --device cuda:0.");
}

void move_to_device(NetworkImpl& network, const Execution& execution) {
  network.to(execution.device);
  network.use_kernels(execution.kernels);
  torch::NoGradGuard no_grad;
  for (auto& parameter : network.parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(execution.memory_format));
}

torch::Tensor to_device(const torch::Tensor& images, const Execution& execution) {
  return images.to(execution.device, images.scalar_type(), /*non_blocking=*/execution.device.is_cuda(), /*copy=*/false,
                   execution.memory_format);
}

AutocastGuard::AutocastGuard(const Execution& execution) : dtype_(execution.dtype), device_(execution.device.type()) {
  if (dtype_ != torch::kFloat) compat::set_autocast(device_, true, dtype_);
}

AutocastGuard::~AutocastGuard() {
  if (dtype_ == torch::kFloat) return;
  compat::set_autocast(device_, false, dtype_);
  at::autocast::clear_cache();  // it holds the weights that were cast
}

}  // namespace unet
