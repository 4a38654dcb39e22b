#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "data/dataset/open_dataset.h"

namespace unet {

/// Scales at which a network may see images, relative to the files; the first is 1.
inline constexpr std::array<double, 7> kScales{1, 0.75, 0.5, 0.35, 0.25, 0.18, 0.125};

/// Pixels of a class in an image, and in two of its halves.
struct ClassPixels {
  int64_t all = 0, upper = 0, left = 0;
};

/// What one sample tells a plan. Lists have one element per class.
struct SampleLook {
  std::vector<ClassPixels> pixels;
  std::vector<std::vector<float>> widths;   ///< local widths along the middle lines of the class, pixels
  std::vector<std::vector<int64_t>> areas;  ///< of the connected components of the class, pixels
  /// Pixels on which the mask agrees with itself shrunk to a scale and enlarged again, by scale and class, and those
  /// that either of them has.
  std::array<std::vector<int64_t>, kScales.size()> agreeing, either;
  /// Mean of the upper minus the lower half, and of the left minus the right one, in standard deviations of the image.
  double brighter_above = 0, brighter_left = 0;
};

/// Measures an image with its mask of class indices. `image` has any depth and number of channels; `mask` is CV_8UC1.
SampleLook look_at(const cv::Mat& image, const cv::Mat& mask, int64_t classes);

/// Measures the samples with these indices, on all cores. A sample of more than 16 megapixels that can be read by
/// region is judged by its center. `stop` (may be empty) is asked before each; if it returns true, throws
/// Error(interrupted).
std::vector<SampleLook> look_at_samples(const Dataset& dataset, const std::vector<size_t>& samples,
                                        const std::function<bool()>& stop);

/// Indices of at most 32 usable training samples, evenly spread, of at most 64 megapixels together (but at least 4).
std::vector<size_t> samples_to_look_at(const Dataset& dataset);

}  // namespace unet
