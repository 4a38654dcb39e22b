#pragma once

#include <torch/types.h>

#include <string>

namespace unet {

/// PyTorch's name for a storage of this type ("FloatStorage"); "" for types that state_dicts do not have.
std::string storage_name(torch::ScalarType type);

/// Type of a storage by its name; ScalarType::Undefined for any other name.
torch::ScalarType storage_type(const std::string& name);

}  // namespace unet
