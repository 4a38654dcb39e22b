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

/// Counts the values of a mask, CV_8UC1 or CV_16UC1.
ValueCounts count_values(const cv::Mat& values);

/// Infers the map from mask values to classes. Recognizes indices 0..n-1 (n <= 255; gaps count as unseen classes only
/// if the largest value is below 32), 0 and one other value, and evenly spaced values from 0 to 255 such as 0/128/255
/// or 0/85/170/255. `ignore_values` are left out, and 255 next to indices 0..n-1 stays unmapped. Throws Error(data)
/// listing the values found and how to write `data.labels`.
std::map<int64_t, int64_t> infer_labels(const ValueCounts& counts, const std::vector<int64_t>& ignore_values);

/// Converts mask values to class indices and back.
class LabelMap {
 public:
  /// Classes must be 0..n-1 (n <= 255), or kIgnoreLabel for ignored values; throws Error(config) otherwise.
  LabelMap(const std::map<int64_t, int64_t>& labels, const std::vector<int64_t>& ignore_values);

  int64_t num_classes() const { return num_classes_; }

  /// Whether a mask value has a class or is ignored.
  bool knows(int64_t value) const;

  /// Returns the class index; kIgnoreLabel for ignored and unknown values.
  int64_t class_of(int64_t value) const;

  /// Converts mask values (CV_8UC1 or CV_16UC1) to class indices (CV_8UC1), kIgnoreLabel for ignored values. Values
  /// outside the map become kIgnoreLabel and are counted in `unknown`.
  cv::Mat to_classes(const cv::Mat& values, ValueCounts& unknown) const;

  /// Converts class indices (CV_8UC1) to mask values of the data set (the smallest value of each class), CV_8UC1 or
  /// CV_16UC1 as needed. kIgnoreLabel becomes the smallest ignored value, or 255 if there is none.
  cv::Mat to_values(const cv::Mat& classes) const;

 private:
  void assign(int64_t value, int64_t label);

  std::vector<uint8_t> table_ = std::vector<uint8_t>(65536, kIgnoreLabel);  ///< class by mask value
  std::vector<bool> known_ = std::vector<bool>(65536, false);               ///< by mask value
  std::map<int64_t, int64_t> value_of_;                                     ///< smallest mask value by class
  int64_t num_classes_ = 0;
};

}  // namespace unet
