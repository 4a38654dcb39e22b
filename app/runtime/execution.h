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
  torch::ScalarType dtype = torch::kFloat;  ///< what autocast casts to; float: no autocast
  bool scales_loss = false;                 ///< in training, as fp16 needs (see LossScaler)
  torch::MemoryFormat memory_format = torch::MemoryFormat::Contiguous;
  torch::MemoryFormat inference_format = torch::MemoryFormat::Contiguous;  ///< the same, where nothing is trained
  bool fast_paths = true;  ///< whether our own kernels run where they fit

  /// Whether the network runs on images by steps of its own (see inference_steps).
  bool fuses_inference() const { return fast_paths; }

  /// Whether training steps are recorded (see StepGraph).
  bool records_steps() const;

  /// How the same network runs on images only.
  Execution for_inference() const;

  /// Which kernels run, in words.
  std::string kernels() const;

  /// The precision as `train.precision` names it.
  std::string precision() const;
  std::string text() const;
};

/// `device`: auto, cpu, cuda or cuda:N; `precision`, `memory_format` and `fast_paths` as in the `train` section. What
/// was trained in fp16 runs on a CPU too, as with auto. Throws Error(unavailable) for a device that is not there,
/// Error(usage) for a name that is none.
Execution choose_execution(const std::string& device, Precision precision = Precision::automatic,
                           MemoryFormatOption memory_format = MemoryFormatOption::automatic, bool fast_paths = true);

/// Of CUDA's kernels the fastest, which cuDNN finds out by trying, or such as give the same result each time.
void choose_cuda_kernels(bool deterministic);

/// Refuses to train in a precision that the device does not have; `where` is the option's place.
/// Throws Error(config).
void check_precision(Precision precision, const Execution& execution, const std::string& where);

/// Moves the parameters to the device, in the memory format, and chooses the kernels.
void place(NetworkImpl& network, const Execution& execution);

/// Images as the network wants them: on the device, in the memory format. From page-locked memory a CUDA device copies
/// them while this program goes on.
torch::Tensor placed(const torch::Tensor& images, const Execution& execution);

/// Autocast for the lifetime of the guard, where `execution` asks for it.
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
