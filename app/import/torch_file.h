#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// What a file that Python's torch.save wrote tells here.
struct TorchFile {
  TensorMap tensors;

  /// The entries of the state_dict that are lists of whole numbers, or lists of such lists, by name.
  std::map<std::string, std::vector<std::vector<int64_t>>> lists;
};

/// The tensors of a state_dict, in the zip format or in the one before it. The state_dict may be the value of
/// "state_dict", "model_state_dict" or "model" in a dict; values of other kinds are left out, as is the prefix
/// "module." where all names of tensors have it. Nothing is executed. Throws Error(data) for other and for damaged
/// files. `name` is for messages.
TorchFile read_torch_file(const std::string& bytes, const std::string& name);

/// The same, of which only the tensors are wanted.
TensorMap tensors_from_torch_file(const std::string& bytes, const std::string& name);

}  // namespace unet
