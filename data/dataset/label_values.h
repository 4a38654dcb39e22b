#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>

#include "configs/schema/label_key.h"

namespace unet {

/// Number of pixels by label value.
using ValueCounts = std::map<int64_t, int64_t>;

/// Throws Error(internal) unless `values` is of a type that holds label values: CV_8UC1, CV_16UC1 or CV_32SC1 for
/// numbers, CV_8UC3 for colors in RGB order (`color_value`).
void require_label_type(const cv::Mat& values);

/// Calls `use(y, x, value)` for every pixel of label values. Calls come row by row, from left to right.
template <class Use>
void for_each_value(const cv::Mat& values, const Use& use) {
  require_label_type(values);
  for (int y = 0; y < values.rows; ++y) {
    const auto visit_row = [&](auto value_at) {
      for (int x = 0; x < values.cols; ++x) use(y, x, value_at(x));
    };
    switch (values.type()) {
      case CV_8UC1:
        visit_row([row = values.ptr<uint8_t>(y)](int x) { return int64_t{row[x]}; });
        break;
      case CV_16UC1:
        visit_row([row = values.ptr<uint16_t>(y)](int x) { return int64_t{row[x]}; });
        break;
      case CV_32SC1:
        visit_row([row = values.ptr<int32_t>(y)](int x) { return int64_t{row[x]}; });
        break;
      default:
        visit_row([row = values.ptr<cv::Vec3b>(y)](int x) { return color_value(row[x][0], row[x][1], row[x][2]); });
    }
  }
}

/// Counts the label values of a mask. Throws Error(data) for more than kMaxDistinctValues, which no mask has.
ValueCounts count_values(const cv::Mat& values);

/// Returns the gray color of a gray value from 0 to 255.
constexpr int64_t gray_color(int64_t value) {
  const auto level = static_cast<uint8_t>(value & 0xFF);
  return color_value(level, level, level);
}

/// Returns the difference of two numbers, or the Euclidean distance of two colors in RGB.
double label_distance(int64_t a, int64_t b);

/// Returns the share of a number of pixels in all; 0 of none.
inline double share_of(int64_t part, int64_t total) {
  return total == 0 ? 0 : static_cast<double>(part) / static_cast<double>(total);
}

inline constexpr size_t kMaxDistinctValues = 65536;

}  // namespace unet
