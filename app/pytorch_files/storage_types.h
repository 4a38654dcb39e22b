#pragma once

#include <torch/types.h>

#include <string>

namespace unet {

/// PyTorch's name of the storage of this type ("FloatStorage"), "" where state_dicts of networks hold none.
std::string storage_name(torch::ScalarType type);

/// The type of such a storage; ScalarType::Undefined for any other name.
torch::ScalarType storage_type(const std::string& name);

}  // namespace unet
