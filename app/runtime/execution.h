#pragma once

#include <torch/types.h>

#include <string>

#include "configs/schema/enum_names.h"
#include "models/execution/network.h"

namespace unet {

/// The type in which a network computes. `automatic` chooses bf16 where the device multiplies it faster.
enum class Precision { automatic, fp32, bf16, fp16 };
template <>
struct EnumNames<Precision> {
  static constexpr EnumName<Precision> table[] = {
      {"auto", Precision::automatic}, {"fp32", Precision::fp32}, {"bf16", Precision::bf16}, {"fp16", Precision::fp16}};
};

/// The order of a tensor's values in memory. `automatic` chooses the faster one.
enum class MemoryFormatOption { automatic, contiguous, channels_last };
template <>
struct EnumNames<MemoryFormatOption> {
  static constexpr EnumName<MemoryFormatOption> table[] = {{"auto", MemoryFormatOption::automatic},
                                                           {"contiguous", MemoryFormatOption::contiguous},
                                                           {"channels_last", MemoryFormatOption::channels_last}};
};

/// Where and how a network runs.
struct Execution {
  torch::Device device{torch::kCPU};
  torch::ScalarType dtype = torch::kFloat;  ///< autocast's type; float: no autocast
  bool scales_loss = false;                 ///< whether training scales the loss, as fp16 needs (see LossScaler)
  torch::MemoryFormat memory_format = torch::MemoryFormat::Contiguous;
  torch::MemoryFormat inference_format = torch::MemoryFormat::Contiguous;  ///< memory format for inference
  KernelChoice kernels = KernelChoice::fused;

  /// Whether fused kernels run where they apply: in training, in the loss, and in the inference_plan.
  bool is_fused() const { return kernels == KernelChoice::fused; }

  /// Whether training steps are recorded as CUDA graphs (see StepGraph).
  bool records_steps() const;

  /// The execution for inference.
  Execution for_inference() const;

  /// Human-readable description of the kernels that run.
  std::string kernels_text() const;

  /// The precision as `train.precision` names it.
  std::string precision() const;

  /// Device, precision, memory format and kernels in one line.
  std::string text() const;
};

/// Chooses the execution for a `device` (auto, cpu, cuda or cuda:N) and options of the `train` section. A CPU treats
/// fp16 as auto, so that it runs models that were trained in fp16. Throws Error(unavailable) for a device that does not
/// exist, Error(usage) for an unknown name.
Execution choose_execution(const std::string& device, Precision precision = Precision::automatic,
                           MemoryFormatOption memory_format = MemoryFormatOption::automatic, bool fast_paths = true);

/// Chooses the CUDA kernels: the fastest, which cuDNN finds by benchmarking, or deterministic ones.
void choose_cuda_kernels(bool deterministic);

/// Throws Error(config) for a training precision that the device lacks; `where` is the option's file and line.
void check_precision(Precision precision, const Execution& execution, const std::string& where);

/// Moves the parameters to the device and into the memory format, and chooses the kernels.
void move_to_device(NetworkImpl& network, const Execution& execution);

/// Returns the images on the device in the memory format. The copy from page-locked memory to a CUDA device is
/// asynchronous.
torch::Tensor to_device(const torch::Tensor& images, const Execution& execution);

/// Enables autocast for its lifetime, unless `execution` computes in float.
class AutocastGuard {
 public:
  explicit AutocastGuard(const Execution& execution);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  torch::ScalarType dtype_;
  torch::DeviceType device_;
};

}  // namespace unet
