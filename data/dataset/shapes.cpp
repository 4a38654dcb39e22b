#include "data/dataset/shapes.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Sorted x coordinates at which the outlines cross the horizontal line at `y`. Each edge includes its upper end and
/// excludes its lower end, so that a line through a corner crosses once.
std::vector<double> crossings(const LabeledShape& shape, double y) {
  std::vector<double> found;
  for (const auto& outline : shape.outlines) {
    for (size_t i = 0; i < outline.size(); ++i) {
      const cv::Point2d &a = outline[i], &b = outline[(i + 1) % outline.size()];
      if ((a.y <= y) == (b.y <= y)) continue;
      found.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

int first_center_from(double x, int width) {
  return static_cast<int>(std::clamp(std::ceil(x - 0.5), 0.0, static_cast<double>(width)));
}

/// Fills by the even-odd rule: pixels whose center lies between an odd crossing and the next.
void fill_outlines(const LabeledShape& shape, cv::Mat& values) {
  double top = values.rows, bottom = 0;
  for (const auto& outline : shape.outlines)
    for (const cv::Point2d& point : outline) {
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
  const int last = first_center_from(bottom, values.rows);
  for (int y = first_center_from(top, values.rows); y < last; ++y) {
    const std::vector<double> cuts = crossings(shape, y + 0.5);
    for (size_t i = 0; i + 1 < cuts.size(); i += 2) {
      const int begin = first_center_from(cuts[i], values.cols), end = first_center_from(cuts[i + 1], values.cols);
      if (begin < end) values.row(y).colRange(begin, end).setTo(static_cast<double>(shape.value));
    }
  }
}

void fill_runs(const LabeledShape& shape, cv::Mat& values) {
  const RunLengths& runs = *shape.runs;
  if (runs.height != values.rows || runs.width != values.cols)
    fail(ErrorKind::data, "run-length mask of ", runs.width, "x", runs.height, " pixels for an image of ", values.cols,
         "x", values.rows, ", expected equal sizes");
  const auto total = static_cast<int64_t>(values.total());
  int64_t at = 0;
  bool inside = false;
  for (const uint32_t count : runs.counts) {
    if (at + count > total)
      fail(ErrorKind::data, "run-length mask with more than ", total, " pixels, expected ", values.cols, "x",
           values.rows);
    for (int64_t i = at; inside && i < at + count; ++i) {
      const auto y = static_cast<int>(i % values.rows), x = static_cast<int>(i / values.rows);
      if (values.depth() == CV_16U)
        values.at<uint16_t>(y, x) = static_cast<uint16_t>(shape.value);
      else
        values.at<uint8_t>(y, x) = static_cast<uint8_t>(shape.value);
    }
    at += count;
    inside = !inside;
  }
  if (at != total)
    fail(ErrorKind::data, "run-length mask of ", at, " pixels, expected ", values.cols, "x", values.rows, " = ", total);
}

}  // namespace

std::vector<LabeledShape> scaled_shapes(std::vector<LabeledShape> shapes, cv::Size size) {
  for (LabeledShape& shape : shapes)
    for (auto& outline : shape.outlines)
      for (cv::Point2d& point : outline) point = {point.x * size.width, point.y * size.height};
  return shapes;
}

cv::Mat draw_shapes(const std::vector<LabeledShape>& shapes, cv::Size size) {
  const bool is_wide =
      std::any_of(shapes.begin(), shapes.end(), [](const LabeledShape& shape) { return shape.value > 255; });
  cv::Mat values(size, is_wide ? CV_16UC1 : CV_8UC1, cv::Scalar(0));
  for (const LabeledShape& shape : shapes) shape.runs ? fill_runs(shape, values) : fill_outlines(shape, values);
  return values;
}

}  // namespace unet
