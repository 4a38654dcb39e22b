#pragma once

#include "data/convert/output_format.h"
#include "data/convert/regions.h"

namespace unet {

/// Finds the objects of a sample, without background: regions of one class, or of one object number where the source
/// numbers objects. Ignored pixels are objects only if `with_ignored`. The label value of an object is that of its
/// first pixel.
Regions find_objects(const ConversionPlan& plan, const SampleToWrite& sample, bool with_ignored);

/// "[x, y, x, y, ...]" without spaces.
std::string flat_points(const std::vector<cv::Point>& points);

}  // namespace unet
