#pragma once

#include <vector>

#include "data/dataset/label_values.h"

namespace unet {

/// Infers the classes of mask values. Recognizes indices 0..n-1 (n <= 255; gaps count as unseen classes only if the
/// largest value is below 32), 0 and one other value, and evenly spaced values from 0 to 255 such as 0/128/255 or
/// 0/85/170/255. `ignore_values` are left out, and 255 next to indices 0..n-1 stays unmapped. Throws Error(data)
/// listing the values found and how to write `data.labels`.
LabelClasses infer_labels(const ValueCounts& counts, const std::vector<LabelKey>& ignore_values);

}  // namespace unet
