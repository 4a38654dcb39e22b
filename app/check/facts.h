#pragma once

#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/check/data_check.h"

namespace unet {

/// Sizes of the usable images; median and extremes by area.
struct SizeFacts {
  cv::Size smallest, median, largest;
  size_t different = 0;  ///< 0 where there is no usable image
};

SizeFacts size_facts(const DataReport& report);

/// Usable images by one of the scan's lists: channels or bits.
std::map<int, int64_t> image_counts(const DataReport& report, const std::vector<int>& values);

/// All images by part, usable or not.
PartCounts images_by_part(const DataReport& report);

/// Those of them that could be read, each with a mask.
PartCounts usable_by_part(const DataReport& report);

/// Usable training images with no side shorter than `side` pixels.
int64_t images_that_hold(const DataReport& report, int64_t side);

/// "red", "grey", ...: the channels of an image that has `count` of them.
std::vector<std::string> channel_names(size_t count);

/// The class with the fewest training pixels, among those that have any; nothing where no class has.
std::optional<size_t> rarest_class(const MaskCounts& masks);

/// Whether class weights are worth it: the rarest class has under 5% of the training pixels.
bool wants_class_weights(const MaskCounts& masks);

}  // namespace unet
