#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <vector>

#include "configs/schema/ignore_label.h"
#include "data/dataset/data_options.h"
#include "data/dataset/label_values.h"

namespace unet {

/// Converts label values to class indices and back.
class LabelMap {
 public:
  /// Classes must be 0..n-1 (n <= 255), or kIgnoreLabel for ignored values, and no value may have two; throws
  /// Error(config) otherwise. A value without a class takes that of the nearest value that has one within `snap`: a
  /// difference for numbers, a Euclidean distance in RGB for colors. For files that lossy compression changed. If all
  /// values with a class are colors, the numbers 0 to 255 are gray colors: a color mask that is all black is read as 0.
  LabelMap(const LabelClasses& labels, const std::vector<LabelKey>& ignore_values, double snap = 0);

  int64_t num_classes() const { return num_classes_; }

  /// Whether a label value has a class or is ignored.
  bool knows(int64_t value) const { return find(value).has_value(); }

  /// Returns the class index; kIgnoreLabel for ignored and unknown values.
  int64_t class_of(int64_t value) const { return find(value).value_or(kIgnoreLabel); }

  /// Converts label values (see `require_label_type`) to class indices (CV_8UC1), kIgnoreLabel for ignored values.
  /// Values outside the map become kIgnoreLabel and are counted in `unknown`.
  cv::Mat to_classes(const cv::Mat& values, ValueCounts& unknown) const;

  /// Converts class indices (CV_8UC1) to label values of the data set (the smallest single value of each class, else
  /// the beginning of its lowest range): CV_8UC1 or CV_16UC1 as needed, CV_8UC3 for colors. kIgnoreLabel becomes the
  /// ignored value chosen in the same way, or 255 (white among colors) if there is none. If a class has no value that
  /// fits, returns the class indices.
  cv::Mat to_values(const cv::Mat& classes) const;

 private:
  struct Entry {
    LabelKey key;
    int64_t label;
  };

  void add(const LabelKey& key, int64_t label);
  void check_overlaps() const;
  void check_classes() const;
  std::optional<int64_t> find(int64_t value) const;
  std::optional<int64_t> nearest(int64_t value) const;
  cv::Mat to_colors(const cv::Mat& classes) const;

  /// Writes the classes of gray values of 8 bits; false for other values and if a value is unknown.
  bool look_up(const cv::Mat& values, cv::Mat& classes) const;

  std::vector<Entry> entries_;           ///< disjoint, sorted by value
  std::vector<int16_t> table_;           ///< class by value, for values of up to 16 bits; -1 for unknown ones
  std::map<int64_t, LabelKey> written_;  ///< key by class whose lowest value stands for the class in written masks
  bool has_only_colors_ = false;
  double snap_;
  int64_t num_classes_ = 0;
};

/// Returns the map of resolved options. Throws Error(config) as the constructor does.
LabelMap label_map(const DataOptions& options);

}  // namespace unet
