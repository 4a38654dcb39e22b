#pragma once

#include <vector>

#include "data/check/class_counts.h"
#include "data/dataset/finding.h"

namespace unet {

// Each check appends its findings and skips unusable samples.

/// Duplicate images, compared by their pixels; a leak if the two are in different parts.
void check_duplicates(const Dataset& data, std::vector<Finding>& findings);

/// Images in validation or testing that are near duplicates of an image in an earlier part, see `are_near_duplicates`.
void check_near_duplicates(const Dataset& data, std::vector<Finding>& findings);

/// Masks with a single class, and masks in which every pixel is ignored. Adds nothing if the labels are unknown.
void check_masks(const Dataset& data, std::vector<Finding>& findings);

/// Classes that occur in no mask, or in no mask of the training part.
void check_classes(const MaskCounts& masks, std::vector<Finding>& findings);

/// Images of a single color, and images that differ from most in number of channels or bit depth.
void check_images(const Dataset& data, std::vector<Finding>& findings);

/// Training images smaller than the crop, if `data.size_policy` is crop and the size is known.
void check_crop(const Dataset& data, std::vector<Finding>& findings);

/// A data set without a usable validation image.
void check_validation(const Dataset& data, std::vector<Finding>& findings);

}  // namespace unet
