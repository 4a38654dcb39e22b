#pragma once

#include <string>
#include <vector>

namespace unet {

/// What can be found in a data set, in the order in which people should look at it.
enum class FindingKind {
  // Training refuses these.
  no_pair,
  orphan,
  duplicate_stem,
  split_list,
  unreadable,
  size_mismatch,
  labels,
  unknown_value,
  options,
  no_training_image,
  // Training runs with these.
  no_validation_image,
  leak,
  duplicate_image,
  constant_image,
  constant_mask,
  ignored_mask,
  absent_class,
  untrained_class,
  mixed_channels,
  mixed_depth,
  small_image,
  other_file,
};

/// One thing found in a data set.
struct Finding {
  FindingKind kind;
  std::string file;     ///< path; "" where it concerns the whole set
  std::string text;     ///< file, what, and the remedy
  std::string reason;   ///< the same in a few words, for under a picture
  std::string other{};  ///< path of an image that the one at `file` equals; "" in findings of other kinds
};

/// "duplicate_stem": the kind's name for programs.
std::string name_of(FindingKind kind);

/// "files with the stem of another": what findings of a kind are about, for the head of a list.
std::string title_of(FindingKind kind);

std::vector<std::string> texts_of(const std::vector<Finding>& findings);

}  // namespace unet
