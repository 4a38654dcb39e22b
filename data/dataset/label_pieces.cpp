#include "data/dataset/label_pieces.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "data/dataset/label_values.h"

namespace unet {

cv::Mat compact_values(const cv::Mat& values) {
  cv::Mat compact(values.size(), CV_32SC1);
  for_each_value(values, [&](int y, int x, int64_t value) {
    compact.at<int32_t>(y, x) = static_cast<int32_t>(is_color(value) ? value - kFirstColor : value);
  });
  return compact;
}

void PieceFinder::add_row(const int32_t* row, const float* depths, int width) {
  std::vector<Run> runs;
  for (int begin = 0, end = 0; begin < width; begin = end) {
    while (end < width && row[end] == row[begin]) ++end;
    if (skips_zero_ && row[begin] == 0) continue;
    runs.push_back({begin, end, row[begin], parents_.size()});
    parents_.push_back(parents_.size());
    const float depth = depths == nullptr ? 0 : *std::max_element(depths + begin, depths + end);
    pieces_.push_back({row[begin], end - begin, depth});
  }
  join_rows(runs);
  keep_only(runs);
  above_ = std::move(runs);
}

void PieceFinder::finish() {
  std::vector<Run> none;
  keep_only(none);
  above_.clear();
}

void PieceFinder::join_rows(const std::vector<Run>& runs) {
  size_t first = 0;
  for (const Run& run : runs) {
    while (first < above_.size() && above_[first].end < run.begin) ++first;
    for (size_t i = first; i < above_.size() && above_[i].begin <= run.end; ++i)
      if (above_[i].value == run.value) join(above_[i].piece, run.piece);
  }
}

/// Hands out the pieces that the latest row does not touch, and renumbers the others.
void PieceFinder::keep_only(std::vector<Run>& runs) {
  std::unordered_map<size_t, size_t> numbers;
  std::vector<LabelPiece> kept;
  for (Run& run : runs) {
    const size_t piece = root(run.piece);
    const auto [place, inserted] = numbers.emplace(piece, numbers.size());
    if (inserted) kept.push_back(pieces_[piece]);
    run.piece = place->second;
  }
  for (size_t i = 0; i < parents_.size(); ++i)
    if (parents_[i] == i && numbers.count(i) == 0) use_(pieces_[i]);
  pieces_ = std::move(kept);
  parents_.resize(pieces_.size());
  std::iota(parents_.begin(), parents_.end(), size_t{0});
}

size_t PieceFinder::root(size_t piece) {
  while (parents_[piece] != piece) piece = parents_[piece] = parents_[parents_[piece]];
  return piece;
}

void PieceFinder::join(size_t a, size_t b) {
  a = root(a);
  b = root(b);
  if (a == b) return;
  parents_[b] = a;
  pieces_[a].pixels += pieces_[b].pixels;
  pieces_[a].depth = std::max(pieces_[a].depth, pieces_[b].depth);
}

}  // namespace unet
