#include "data/dataset/label_objects.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "data/dataset/label_pieces.h"
#include "data/dataset/label_values.h"

namespace unet {
namespace {

/// Marks the pixels whose four neighbors have the same value, so not those at the border.
cv::Mat inner_pixels(const cv::Mat& compact) {
  cv::Mat inner(compact.size(), CV_8UC1, cv::Scalar(0));
  for (int y = 1; y + 1 < compact.rows; ++y) {
    const auto* above = compact.ptr<int32_t>(y - 1);
    const auto* row = compact.ptr<int32_t>(y);
    const auto* below = compact.ptr<int32_t>(y + 1);
    for (int x = 1; x + 1 < compact.cols; ++x) {
      const bool is_inner = row[x - 1] == row[x] && row[x + 1] == row[x] && above[x] == row[x] && below[x] == row[x];
      inner.at<uint8_t>(y, x) = is_inner ? 255 : 0;
    }
  }
  return inner;
}

}  // namespace

MaskObjects measure_objects(const cv::Mat& values) {
  MaskObjects result;
  result.is_measured = true;
  if (values.empty()) return result;
  const cv::Mat compact = compact_values(values);
  // The nearest edge is the object's own: the way to another object crosses it. So one transform serves all objects.
  cv::Mat depths;
  cv::distanceTransform(inner_pixels(compact), depths, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  const int64_t offset = values.channels() == 3 ? kFirstColor : 0;
  PieceFinder finder([&](const LabelPiece& piece) {
    result.has_too_many = result.has_too_many || result.objects.size() == kMaxObjectsPerMask;
    if (!result.has_too_many) result.objects.push_back({piece.value + offset, piece.pixels, 2 * piece.depth + 1});
  });
  for (int y = 0; y < compact.rows && !result.has_too_many; ++y)
    finder.add_row(compact.ptr<int32_t>(y), depths.ptr<float>(y), compact.cols);
  finder.finish();
  if (result.has_too_many) result.objects.clear();
  std::stable_sort(result.objects.begin(), result.objects.end(),
                   [](const LabelObject& a, const LabelObject& b) { return a.value < b.value; });
  return result;
}

}  // namespace unet
