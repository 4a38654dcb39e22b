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

/// Returns the first pixel from `begin` on, at most `end`, whose center is not before `x`.
int first_center_from(double x, int begin, int end) {
  return static_cast<int>(std::clamp(std::ceil(x - 0.5), static_cast<double>(begin), static_cast<double>(end)));
}

/// Fills by the even-odd rule: pixels whose center lies between an odd crossing and the next. `values` is the rectangle
/// `part` of the image.
void fill_outlines(const LabeledShape& shape, const cv::Rect& part, cv::Mat& values) {
  const int part_bottom = part.y + part.height, part_right = part.x + part.width;
  double top = part_bottom, bottom = part.y;
  for (const auto& outline : shape.outlines)
    for (const cv::Point2d& point : outline) {
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
  const int last = first_center_from(bottom, part.y, part_bottom);
  for (int y = first_center_from(top, part.y, part_bottom); y < last; ++y) {
    const std::vector<double> cuts = crossings(shape, y + 0.5);
    for (size_t i = 0; i + 1 < cuts.size(); i += 2) {
      const int begin = first_center_from(cuts[i], part.x, part_right);
      const int end = first_center_from(cuts[i + 1], part.x, part_right);
      if (begin < end)
        values.row(y - part.y).colRange(begin - part.x, end - part.x).setTo(static_cast<double>(shape.value));
    }
  }
}

void fill_runs(const LabeledShape& shape, cv::Size size, const cv::Rect& part, cv::Mat& values) {
  const RunLengths& runs = *shape.runs;
  if (runs.height != size.height || runs.width != size.width)
    fail(ErrorKind::data, "run-length mask of ", runs.width, "x", runs.height, " pixels for an image of ", size.width,
         "x", size.height, ", expected equal sizes");
  const int64_t total = int64_t{size.width} * size.height;
  int64_t at = 0;
  bool inside = false;
  for (const uint32_t count : runs.counts) {
    if (at + count > total)
      fail(ErrorKind::data, "run-length mask with more than ", total, " pixels, expected ", size.width, "x",
           size.height);
    for (int64_t i = at; inside && i < at + count; ++i) {
      const cv::Point pixel(static_cast<int>(i / size.height), static_cast<int>(i % size.height));
      if (!part.contains(pixel)) continue;
      if (values.depth() == CV_16U)
        values.at<uint16_t>(pixel - part.tl()) = static_cast<uint16_t>(shape.value);
      else
        values.at<uint8_t>(pixel - part.tl()) = static_cast<uint8_t>(shape.value);
    }
    at += count;
    inside = !inside;
  }
  if (at != total)
    fail(ErrorKind::data, "run-length mask of ", at, " pixels, expected ", size.width, "x", size.height, " = ", total);
}

}  // namespace

std::vector<LabeledShape> scaled_shapes(std::vector<LabeledShape> shapes, cv::Size size) {
  for (LabeledShape& shape : shapes)
    for (auto& outline : shape.outlines)
      for (cv::Point2d& point : outline) point = {point.x * size.width, point.y * size.height};
  return shapes;
}

cv::Mat draw_shapes(const std::vector<LabeledShape>& shapes, cv::Size size) {
  return draw_shapes(shapes, size, {{}, size});
}

cv::Mat draw_shapes(const std::vector<LabeledShape>& shapes, cv::Size size, const cv::Rect& part) {
  const bool is_wide =
      std::any_of(shapes.begin(), shapes.end(), [](const LabeledShape& shape) { return shape.value > 255; });
  cv::Mat values(part.size(), is_wide ? CV_16UC1 : CV_8UC1, cv::Scalar(0));
  for (const LabeledShape& shape : shapes)
    shape.runs ? fill_runs(shape, size, part, values) : fill_outlines(shape, part, values);
  return values;
}

}  // namespace unet
