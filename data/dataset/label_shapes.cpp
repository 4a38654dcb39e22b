#include "data/dataset/label_shapes.h"

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <unordered_map>
#include <vector>

namespace unet {
namespace {

/// Label values in 32 bits: numbers as they are, colors without their offset.
cv::Mat compact_values(const cv::Mat& values) {
  cv::Mat compact(values.size(), CV_32SC1);
  for_each_value(values, [&](int y, int x, int64_t value) {
    compact.at<int32_t>(y, x) = static_cast<int32_t>(is_color(value) ? value - kFirstColor : value);
  });
  return compact;
}

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

/// Counts connected pieces (8 neighbors) from runs of equal values. Keeps the runs of one row only.
class PieceCounter {
 public:
  void add_row(const int32_t* row, int width) {
    std::vector<Run> runs;
    for (int begin = 0, end = 0; begin < width; begin = end) {
      while (end < width && row[end] == row[begin]) ++end;
      if (row[begin] == 0) continue;
      runs.push_back({begin, end, row[begin], parents_.size()});
      parents_.push_back(parents_.size());
      ++pieces_;
    }
    join_rows(runs);
    renumber(runs);
    above_ = std::move(runs);
  }

  int64_t pieces() const { return pieces_; }

 private:
  struct Run {
    int begin, end;
    int32_t value;
    size_t piece;
  };

  void join_rows(const std::vector<Run>& runs) {
    size_t first = 0;
    for (const Run& run : runs) {
      while (first < above_.size() && above_[first].end < run.begin) ++first;
      for (size_t i = first; i < above_.size() && above_[i].begin <= run.end; ++i)
        if (above_[i].value == run.value) join(above_[i].piece, run.piece);
    }
  }

  /// Forgets the pieces that the latest row does not touch.
  void renumber(std::vector<Run>& runs) {
    std::unordered_map<size_t, size_t> numbers;
    for (Run& run : runs) run.piece = numbers.emplace(root(run.piece), numbers.size()).first->second;
    parents_.resize(numbers.size());
    std::iota(parents_.begin(), parents_.end(), size_t{0});
  }

  size_t root(size_t piece) {
    while (parents_[piece] != piece) piece = parents_[piece] = parents_[parents_[piece]];
    return piece;
  }

  void join(size_t a, size_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return;
    parents_[b] = a;
    --pieces_;
  }

  std::vector<Run> above_;
  std::vector<size_t> parents_;
  int64_t pieces_ = 0;
};

int64_t count_pieces(const cv::Mat& values) {
  PieceCounter counter;
  for (int y = 0; y < values.rows; ++y) counter.add_row(values.ptr<int32_t>(y), values.cols);
  return counter.pieces();
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
