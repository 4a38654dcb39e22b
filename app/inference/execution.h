#pragma once

#include <torch/types.h>

#include <string>

#include "models/network.h"

namespace unet {

/// Where and how a network runs.
struct Execution {
  torch::Device device{torch::kCPU};
  bool bf16 = false;  ///< autocast to bfloat16
  torch::MemoryFormat memory_format = torch::MemoryFormat::Contiguous;

  std::string text() const;
};

/// `device`: auto, cpu, cuda or cuda:N; `precision` and `memory_format` as in the `train` section.
/// Throws Error(unavailable) for a device that is not there, Error(usage) for a name that is none.
Execution choose_execution(const std::string& device, const std::string& precision = "auto",
                           const std::string& memory_format = "auto");

/// Moves the parameters to the device, in the memory format.
void place(NetworkImpl& network, const Execution& execution);

/// Images as the network wants them: on the device, in the memory format.
torch::Tensor placed(const torch::Tensor& images, const Execution& execution);

/// Autocast for the lifetime of the guard, where `execution` asks for it.
class AutocastGuard {
 public:
  explicit AutocastGuard(const Execution& execution);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  bool active_;
  torch::DeviceType device_;
};

}  // namespace unet
