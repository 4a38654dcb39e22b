#include "data/dataset/label_shapes.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <unordered_map>
#include <vector>

#include "data/dataset/label_pieces.h"

namespace unet {
namespace {

/// Counts the pixels that equal their neighbors; beyond the edge of the mask everything is equal.
ValueCounts count_flat(const cv::Mat& values, int64_t offset) {
  std::unordered_map<int32_t, int64_t> counts;
  int64_t* count = nullptr;  // of the latest value: neighbors are mostly equal
  int32_t latest = 0;
  std::vector<char> is_column_equal(static_cast<size_t>(values.cols));
  for (int y = 0; y < values.rows; ++y) {
    const auto* above = values.ptr<int32_t>(std::max(y - 1, 0));
    const auto* row = values.ptr<int32_t>(y);
    const auto* below = values.ptr<int32_t>(std::min(y + 1, values.rows - 1));
    for (int x = 0; x < values.cols; ++x)
      is_column_equal[static_cast<size_t>(x)] = above[x] == row[x] && below[x] == row[x];
    const auto equals = [&](int x, int32_t value) {
      const int inside = std::clamp(x, 0, values.cols - 1);
      return is_column_equal[static_cast<size_t>(inside)] != 0 && row[inside] == value;
    };
    for (int x = 0; x < values.cols; ++x) {
      if (!equals(x - 1, row[x]) || !equals(x, row[x]) || !equals(x + 1, row[x])) continue;
      if (count == nullptr || latest != row[x]) count = &counts[latest = row[x]];
      ++*count;
    }
  }
  ValueCounts flat;
  for (const auto& [value, count] : counts) flat[value + offset] = count;
  return flat;
}

/// Counts connected components of values other than 0.
int64_t count_pieces(const cv::Mat& values) {
  int64_t pieces = 0;
  PieceFinder finder([&](const LabelPiece&) { ++pieces; });
  finder.skip_zero();
  for (int y = 0; y < values.rows; ++y) finder.add_row(values.ptr<int32_t>(y), nullptr, values.cols);
  finder.finish();
  return pieces;
}

/// Measures `value`, from ranks of the other values: the lowest and highest rank nearby tell how many values there are.
BorderShape measure_border(const cv::Mat& values, const ValueCounts& counts, int64_t value) {
  constexpr int kReach = 5;
  constexpr uint8_t kAbove = 255, kBelow = 0;
  std::unordered_map<int32_t, uint8_t> ranks;
  for (const auto& [other, count] : counts)
    if (other != value) ranks.emplace(static_cast<int32_t>(other), static_cast<uint8_t>(ranks.size() + 1));
  cv::Mat lowest(values.size(), CV_8UC1), is_value = values == static_cast<double>(value);
  for_each_value(values, [&](int y, int x, int64_t found) {
    lowest.at<uint8_t>(y, x) = found == value ? kAbove : ranks.at(static_cast<int32_t>(found));
  });
  cv::Mat highest = lowest.clone();
  highest.setTo(kBelow, is_value);
  const cv::Mat square = cv::getStructuringElement(cv::MORPH_RECT, {2 * kReach + 1, 2 * kReach + 1});
  cv::erode(lowest, lowest, square);
  cv::dilate(highest, highest, square);
  BorderShape shape;
  shape.pixels = counts.at(value);
  shape.thick = cv::countNonZero(is_value & (highest == kBelow));
  shape.between = cv::countNonZero(is_value & (lowest < highest));
  return shape;
}

}  // namespace

bool may_be_void(int64_t value) { return value == -1 || value == 255 || value == 65535; }

MaskShapes measure_shapes(const cv::Mat& values, const ValueCounts& counts) {
  constexpr size_t kMaxRanks = 254;
  MaskShapes shapes;
  if (counts.size() <= 2) return shapes;
  shapes.is_measured = true;
  const cv::Mat compact = compact_values(values);
  const bool has_colors = is_color(counts.begin()->first);
  shapes.flat = count_flat(compact, has_colors ? kFirstColor : 0);
  shapes.pieces = count_pieces(compact);
  for (const auto& [value, count] : counts)
    if (may_be_void(value) && counts.size() <= kMaxRanks)
      shapes.borders.emplace(value, measure_border(compact, counts, value));
  return shapes;
}

}  // namespace unet
