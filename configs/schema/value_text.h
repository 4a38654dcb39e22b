#pragma once

#include <string>

#include "configs/schema/field.h"

namespace unet {

/// Returns the value of a field as YAML on one line.
std::string value_text(const Field& field, const ConstFieldValue& value);

}  // namespace unet
