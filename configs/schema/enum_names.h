#pragma once

#include <string>
#include <vector>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {

template <class E>
struct EnumName {
  const char* name;
  E value;
};

/// Names of an enum's values in a config. Each enum that is an option specializes this template with
/// `static constexpr EnumName<E> table[]`, in the order in which help lists the names.
template <class E>
struct EnumNames;

template <class E>
std::vector<std::string> enum_names() {
  std::vector<std::string> names;
  for (const EnumName<E>& row : EnumNames<E>::table) names.emplace_back(row.name);
  return names;
}

template <class E>
std::string enum_name(E value) {
  for (const EnumName<E>& row : EnumNames<E>::table)
    if (row.value == value) return row.name;
  fail(ErrorKind::internal, "an enum has no name for value ", static_cast<int>(value));
}

/// Returns the value with this name. Throws Error(config) listing the valid names.
template <class E>
E enum_value(const std::string& name) {
  for (const EnumName<E>& row : EnumNames<E>::table)
    if (row.name == name) return row.value;
  fail(ErrorKind::config, "got '", name, "'", expected_one_of(name, enum_names<E>()));
}

}  // namespace unet
