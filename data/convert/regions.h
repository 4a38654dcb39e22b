#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace unet {

/// Pixels of one number that touch by their sides.
struct Region {
  cv::Point first;     ///< the leftmost pixel of the top row
  cv::Rect box;        ///< smallest that holds all pixels
  int64_t pixels = 0;  ///< how many there are
  /// Corners of its borders along the edges of pixels, in the coordinates of `LabeledShape`: the outer border
  /// clockwise (as seen), then those of the holes. Together, filled by the even-odd rule, they cover exactly the
  /// region.
  std::vector<std::vector<cv::Point>> borders;
};

struct Regions {
  cv::Mat numbers;            ///< CV_32SC1: 1 + index of the region that a pixel belongs to; 0: none
  std::vector<Region> items;  ///< in the order of their first pixels
};

/// Finds the regions of equal numbers (CV_32SC1) other than 0.
Regions find_regions(const cv::Mat& ids);

/// Joins the borders of a region to one outline, which reaches each hole by a slit without width. Filled by the
/// even-odd rule, it covers exactly the region.
std::vector<cv::Point> joined_border(const Region& region);

/// Lengths of the runs of pixels that do not and do have this number, in turn, column by column, as in `RunLengths`.
/// `box` holds all pixels that have it.
std::vector<uint32_t> run_lengths(const cv::Mat& numbers, int number, const cv::Rect& box);

}  // namespace unet
