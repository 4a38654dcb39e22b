#pragma once

#include <array>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/check/data_check.h"

namespace unet {

/// Sizes of the usable images; smallest, median and largest by area.
struct SizeFacts {
  cv::Size smallest, median, largest;
  size_t different = 0;  ///< number of different sizes; 0 without a usable image
};

SizeFacts size_facts(const DataReport& report);

/// Counts the usable images by one of the scan's lists: channels or bits.
std::map<int, int64_t> image_counts(const DataReport& report, const std::vector<int>& values);

/// Values of the usable images of one bit depth, as they are stored; without alpha.
struct RangeFacts {
  int bits = 0;
  int64_t images = 0;
  double lowest = 0, highest = 0;
  double share = 0;  ///< of the range of integers of so many bits that is used, in [0,1]; 1 for 32 bits
};

/// Returns the ranges of values by bit depth.
std::vector<RangeFacts> range_facts(const DataReport& report);

/// Counts the pixels without a value in the usable images.
int64_t invalid_pixels(const DataReport& report);

/// Counts the usable samples by how EXIF rotations of the mask and of its image agree, indexed by MaskRotation.
std::array<int64_t, 4> rotation_counts(const DataReport& report);

/// Counts the masks whose EXIF rotation is not their image's, as text; "" if there is none.
std::string rotation_text(const DataReport& report);

/// Counts all images by part, usable or not.
PartCounts images_by_part(const DataReport& report);

/// Counts the usable images by part.
PartCounts usable_by_part(const DataReport& report);

/// Counts the usable training images with no side shorter than `side` pixels.
int64_t images_with_min_side(const DataReport& report, int64_t side);

/// Names the channels that the network sees: "gray", or "red", "green", "blue", "alpha", or "channel 0", ...
std::vector<std::string> channel_names(const DataReport& report);

/// Returns the class with the fewest training pixels among those that have any; nullopt if none has.
std::optional<size_t> rarest_class(const MaskCounts& masks);

/// Whether class weights are worth a try: the rarest class has less than 5% of the training pixels.
bool wants_class_weights(const MaskCounts& masks);

}  // namespace unet
