#pragma once

#include <string>

#include "configs/schema/field.h"
#include "configs/schema/tree.h"

namespace unet {

/// Reads one value into the option that `value` points to. Throws Error(config) for a wrong type or a value outside
/// the field's limits.
void read_value(const Tree& tree, const Field& field, const std::string& path, const FieldValue& value);

/// Throws Error(config): "file:line:column: path: got ..., expected ...".
[[noreturn]] void refuse_value(const Location& where, const std::string& path, const std::string& got,
                               const std::string& expected);

/// Describes a tree in messages: the text of a scalar in quotes, else "a list", "a map" or "nothing".
std::string kind_of(const Tree& tree);

}  // namespace unet
