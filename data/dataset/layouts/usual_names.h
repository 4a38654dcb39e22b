#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset/sample_ref.h"

namespace unet {

/// What a folder or a part of a name stands for.
enum class FileKind { image, mask };

/// Returns the runs of letters of a name, in lower case.
std::vector<std::string> letter_runs(const std::string& name);

/// Returns the kind that a folder of this name usually holds: images for imgs or JPEGImages, masks for labels or
/// "Ground Truth". Case and separators do not count.
std::optional<FileKind> kind_of_folder(const std::string& name);

/// Returns the part that a folder of this name usually holds: train for training, val for valid or dev.
std::optional<Part> part_of_folder(const std::string& name);

/// A folder of images or masks of one part.
struct PartOfKind {
  Part part;
  std::optional<FileKind> kind;  ///< empty where the name is that of the part alone
};

/// Returns what a name of a part and a kind stands for, in either order: train_images, masks-val, trainannot, X_test.
std::optional<PartOfKind> part_and_kind(const std::string& name);

/// Whether a prefix or suffix of file names says that it marks files of this kind: "_mask", "gt_", "_leftImg8bit".
bool says_kind(const std::string& affix, FileKind kind);

/// Rank of an affix where several pair equally many files: label indices before other masks, colors and object numbers
/// last.
int mask_rank(const std::string& affix);

}  // namespace unet
