#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "app/pytorch_files/torch_file.h"

namespace unet {

/// Weights of another program, from a torch file or safetensors.
struct WeightsFile : TorchFile {
  std::map<std::string, std::string> metadata;  ///< only of a safetensors file
};

/// Reads either format. Throws Error(missing_input), Error(data).
WeightsFile read_weights_file(const std::string& path);

}  // namespace unet
