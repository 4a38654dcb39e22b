#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "data/dataset/label_evidence.h"

namespace unet {

/// Returns a color (R,G,B) of the palette of Pascal VOC, which labelme and others use too, by index from 0 to 255.
/// Index 255 marks pixels without a class. Source: VOC2012 development kit, VOClabelcolormap.m.
cv::Vec3b voc_color(int index);

/// Returns the color of index 255 if the masks have it and at least two other colors, all of them of the palette.
std::optional<int64_t> voc_void_color(const LabelEvidence& evidence);

/// Says that this color is ignored, and how to set it.
std::string voc_void_text(const LabelEvidence& evidence, int64_t color);

}  // namespace unet
