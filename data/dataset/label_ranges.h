#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset/label_values.h"

namespace unet {

/// Numbers the values 0, 1, 2, ... in their order.
LabelClasses number_values(const std::vector<int64_t>& values);

/// Returns {0: 0, 1-65535: 1}, with a larger end if the values need it.
LabelClasses object_labels(const ValueCounts& counts);

/// Returns the classes of a threshold over the values found: below it class 0, from it on class 1. `ignored` values are
/// left out. The lowest and the highest value found stand for the classes in written masks.
LabelClasses threshold_labels(int64_t threshold, const ValueCounts& counts, const std::vector<LabelKey>& ignored);

}  // namespace unet
