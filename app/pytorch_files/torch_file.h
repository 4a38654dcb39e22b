#pragma once

#include <string>
#include <vector>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// What a file that Python's torch.save wrote tells here.
struct TorchFile {
  TensorMap tensors;

  /// The state_dict's entry "mask_values", with which Pytorch-UNet keeps the values of its classes: numbers, or
  /// colours of three. Empty where it has none, or another kind of it.
  std::vector<std::vector<int64_t>> mask_values;
};

/// The tensors of a state_dict, in the zip format or in the one before it. The state_dict may be the value of
/// "state_dict", "model_state_dict" or "model" in a dict; values of other kinds are left out, as is the prefix
/// "module." where all names of tensors have it. Nothing is executed. Throws Error(data) for other and for damaged
/// files. `name` is for messages.
TorchFile read_torch_file(const std::string& bytes, const std::string& name);

/// The same, of which only the tensors are wanted.
TensorMap tensors_from_torch_file(const std::string& bytes, const std::string& name);

}  // namespace unet
