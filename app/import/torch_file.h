#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// The tensors of a state_dict that Python's torch.save wrote, in the zip format or in the one before it. The
/// state_dict may be the value of "state_dict", "model_state_dict" or "model" in a dict; other values are left out,
/// as is the prefix "module." where all names have it. Nothing is executed.
/// Throws Error(data) for other and for damaged files. `name` is for messages.
TensorMap tensors_from_torch_file(const std::string& bytes, const std::string& name);

}  // namespace unet
