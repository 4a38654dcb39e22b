#pragma once

#include <string>
#include <vector>

#include "data/dataset/label_evidence.h"

namespace unet {

/// The classes of mask values as they were recognized.
struct LabelInference {
  LabelClasses labels;
  std::vector<LabelKey> ignore_values;  ///< in addition to those given
  double snap = 0;
  std::vector<std::string> remarks;  ///< what was decided and why, for the user
};

/// Infers the classes of mask values. Recognizes
/// - indices 0..n-1 or 1..n (n <= 255; gaps count as unseen classes only if the largest value is below 32), 0 and one
///   other value, and evenly spaced values from 0 to 255 such as 0/128/255;
/// - 255, 65535 or -1 beside indices: ignored if its pixels form thin borders between others, else left without a
/// class;
/// - object numbers, blurred edges between two values, values changed by compression, and colors.
/// `ignore_values` are left out. Throws Error(data) if the values have no clear meaning or only one class, listing
/// them with complete settings to choose from.
LabelInference infer_labels(const LabelEvidence& evidence, const std::vector<LabelKey>& ignore_values);

/// Whether a value that may be void forms thin lines between others, in nearly all masks that have it.
bool is_border(const LabelEvidence& evidence, int64_t value);

}  // namespace unet
