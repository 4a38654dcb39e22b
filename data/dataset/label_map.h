#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "configs/schema/ignore_label.h"

namespace unet {

/// Mask value -> number of pixels.
using ValueCounts = std::map<int64_t, int64_t>;

/// The values of a mask, CV_8UC1 or CV_16UC1.
ValueCounts count_values(const cv::Mat& values);

/// The map for masks that come without one: indices 0..n-1 (n <= 255; gaps count as unseen classes only
/// where the largest value is below 32), 0 and one other value, and evenly spread codes from 0 to 255 such
/// as 0/128/255 or 0/85/170/255. `ignore_values` take no part, and 255 beside the indices 0..n-1 is left
/// as unmapped. Throws Error(data) listing the values found and how to write `data.labels`.
std::map<int64_t, int64_t> infer_labels(const ValueCounts& counts, const std::vector<int64_t>& ignore_values);

/// Turns raw mask values into class indices and back.
class LabelMap {
 public:
  /// Classes must be 0..n-1 (n <= 255), kIgnoreLabel stands for ignored; throws Error(config) otherwise.
  LabelMap(const std::map<int64_t, int64_t>& labels, const std::vector<int64_t>& ignore_values);

  int64_t num_classes() const { return num_classes_; }

  /// Whether a mask value has a class or is ignored.
  bool knows(int64_t value) const;

  /// Class index; kIgnoreLabel for ignored and unknown values.
  int64_t class_of(int64_t value) const;

  /// Raw values (CV_8UC1 or CV_16UC1) -> CV_8UC1 class indices, kIgnoreLabel for ignored values.
  /// Values outside the map are left as kIgnoreLabel and counted into `unknown`.
  cv::Mat to_classes(const cv::Mat& values, ValueCounts& unknown) const;

  /// Class indices (CV_8UC1) -> the data set's own mask values (the smallest value of each class),
  /// CV_8UC1 or CV_16UC1 as the values need. kIgnoreLabel becomes the smallest ignored value, or itself.
  cv::Mat to_values(const cv::Mat& classes) const;

 private:
  void assign(int64_t value, int64_t label);

  std::vector<uint8_t> table_ = std::vector<uint8_t>(65536, kIgnoreLabel);  ///< class by raw value
  std::vector<bool> known_ = std::vector<bool>(65536, false);               ///< by raw value
  std::map<int64_t, int64_t> value_of_;                                     ///< smallest raw value by class
  int64_t num_classes_ = 0;
};

}  // namespace unet
