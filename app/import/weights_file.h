#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "app/pytorch_files/torch_file.h"

namespace unet {

/// Another program's weights, from a torch file or a safetensors file.
struct WeightsFile : TorchFile {
  std::map<std::string, std::string> metadata;  ///< metadata of a safetensors file; empty for a torch file
};

/// Reads a torch file or a safetensors file. Throws Error(missing_input), Error(data).
WeightsFile read_weights_file(const std::string& path);

}  // namespace unet
