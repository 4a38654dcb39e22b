#pragma once

#include <cstdint>
#include <vector>

#include "configs/schema/error.h"

namespace unet {

/// Throws Error(config) unless the list of the option data.`key` has `expected` values, one for each `item`.
template <class T>
void check_value_count(const char* key, const std::vector<T>& values, int64_t expected, const char* item) {
  if (static_cast<int64_t>(values.size()) != expected)
    fail(ErrorKind::config, "[data.", key, "] got ", values.size(), " values, expected ", expected, ", one for each ",
         item, ". Remove the key to have them inferred");
}

}  // namespace unet
