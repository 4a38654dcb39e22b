#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "app/pytorch_files/torch_file.h"

namespace unet {

/// Weights from elsewhere: a torch file or safetensors.
struct WeightsFile : TorchFile {
  std::map<std::string, std::string> metadata;  ///< of a safetensors file
};

/// Throws Error(missing_input), Error(data).
WeightsFile read_weights_file(const std::string& path);

}  // namespace unet
