#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// Contents of a file written by torch.save in Python.
struct TorchFile {
  TensorMap tensors;

  /// The entry "mask_values" of the state_dict, in which Pytorch-UNet stores the mask value of each class: numbers, or
  /// RGB colors. Empty if it is missing or holds anything else.
  std::vector<std::vector<int64_t>> mask_values;
};

/// Reads a state_dict in the zip format or the legacy format. It may be the value of "state_dict", "model_state_dict"
/// or "model" in a dict. Values of other kinds are ignored; the prefix "module." is removed if all tensors have it.
/// Executes nothing. Throws Error(data) for other or damaged files. `name` is the file in messages.
TorchFile read_torch_file(const std::string& bytes, const std::string& name);

/// Reads only the tensors of a state_dict.
TensorMap tensors_from_torch_file(const std::string& bytes, const std::string& name);

}  // namespace unet
