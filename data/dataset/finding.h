#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "configs/schema/error.h"

namespace unet {

/// Kinds of findings in a data set, in the order in which they should be looked at.
enum class FindingKind {
  // These prevent training.
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
  // These do not prevent training.
  no_validation_image,
  leak,
  near_leak,
  duplicate_image,
  constant_image,
  constant_mask,
  ignored_mask,
  absent_class,
  untrained_class,
  mixed_channels,
  mixed_depth,
  unclear_rotation,
  small_image,
  unlabeled_image,
  other_mask,
  other_file,
};

/// One thing found in a data set.
struct Finding {
  FindingKind kind;
  std::string file;                ///< path, or text of an image source or label source; "" for the whole data set
  std::string text;                ///< file, what was found, and the remedy
  std::string reason;              ///< the same in a few words, as a caption
  std::optional<size_t> sample{};  ///< index into the samples that were read; empty if it concerns none of them
  std::optional<size_t> twin{};    ///< index of an earlier sample with the same image
};

/// Returns an error about the options (Error(config)) or else about the labels as a problem of the whole data set.
Finding problem_of(const Error& error);

/// Returns the kind's name for programs, e.g. "duplicate_stem".
std::string name_of(FindingKind kind);

/// Returns the title of a list of findings of this kind, e.g. "files with the same stem as another".
std::string title_of(FindingKind kind);

std::vector<std::string> texts_of(const std::vector<Finding>& findings);

/// Sorts by kind; findings of one kind keep their order.
void sort_by_kind(std::vector<Finding>& findings);

}  // namespace unet
