#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

namespace unet {

/// Label values (see `require_label_type`) in 32 bits: numbers as they are, colors without their offset.
cv::Mat compact_values(const cv::Mat& values);

/// A connected component (8 neighbors) of one label value.
struct LabelPiece {
  int32_t value = 0;  ///< as `compact_values` gives it
  int64_t pixels = 0;
  float depth = 0;  ///< largest depth of its pixels; 0 if none were given
};

/// Finds connected components from runs of equal values, row by row. Keeps the runs of one row only, so that memory
/// does not grow with the height.
class PieceFinder {
 public:
  /// `use` is called with every piece once the piece is complete.
  explicit PieceFinder(std::function<void(const LabelPiece&)> use) : use_(std::move(use)) {}

  /// Leaves the value 0 out.
  void skip_zero() { skips_zero_ = true; }

  /// Adds the next row of compact values, all rows of equal width. `depths` has a depth for each pixel, or is null.
  void add_row(const int32_t* row, const float* depths, int width);

  /// Completes the remaining pieces.
  void finish();

 private:
  struct Run {
    int begin, end;
    int32_t value;
    size_t piece;
  };

  void join_rows(const std::vector<Run>& runs);
  void keep_only(std::vector<Run>& runs);
  size_t root(size_t piece);
  void join(size_t a, size_t b);

  std::function<void(const LabelPiece&)> use_;
  bool skips_zero_ = false;
  std::vector<Run> above_;
  std::vector<size_t> parents_;
  std::vector<LabelPiece> pieces_;  ///< indexed like `parents_`; of roots only
};

}  // namespace unet
