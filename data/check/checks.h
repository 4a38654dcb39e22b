#pragma once

#include <vector>

#include "data/check/class_counts.h"
#include "data/dataset/finding.h"

namespace unet {

// Each adds what it finds. Pairs that are not usable take no part.

/// Images that are there twice, by their pixels; a leak where the two lie in different parts.
void check_duplicates(const CheckedData& data, std::vector<Finding>& findings);

/// Masks with one class only, and masks that are ignored altogether. Nothing where the labels are not known.
void check_masks(const CheckedData& data, std::vector<Finding>& findings);

/// Classes that no mask has, or no mask of the training part.
void check_classes(const MaskCounts& masks, std::vector<Finding>& findings);

/// Images of one colour, and those that differ from most in their channels or in their bits a channel.
void check_images(const CheckedData& data, std::vector<Finding>& findings);

/// Training images smaller than the crop, where the policy is to crop and the size is known.
void check_crop(const CheckedData& data, std::vector<Finding>& findings);

}  // namespace unet
