#pragma once

#include <string>
#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// Returns what was done about EXIF rotations that only the image or only the mask has: a line, or none.
std::vector<std::string> rotation_lines(const Dataset& dataset);

/// Returns a line for each color model from which images were converted.
std::vector<std::string> conversion_lines(const Dataset& dataset);

/// Returns what the layout left out: a line for each kind with its count and a few examples. Files that were read and
/// cannot be used are listed one by one elsewhere.
std::vector<std::string> left_out_lines(const std::vector<Finding>& notes);

}  // namespace unet
