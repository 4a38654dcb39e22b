#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace unet {

/// Pixels of a COCO mask in run-length encoding: column by column, runs of 0 and 1 in turn, beginning with 0.
struct RunLengths {
  int height = 0;
  int width = 0;
  std::vector<uint32_t> counts;
};

/// One annotated object. Coordinates are in pixels of the image, (0, 0) the top left corner of the first pixel.
struct LabeledShape {
  int64_t value = 0;  ///< label value
  /// Closed outlines, filled by the even-odd rule: an outline inside another is a hole.
  std::vector<std::vector<cv::Point2d>> outlines{};
  std::optional<RunLengths> runs{};  ///< instead of outlines
};

/// Returns shapes whose coordinates are fractions of an image's width and height in pixels.
std::vector<LabeledShape> scaled_shapes(std::vector<LabeledShape> shapes, cv::Size size);

/// Draws shapes over label value 0, later ones over earlier ones. A pixel belongs to a shape that contains its center.
/// Returns HxW, CV_8UC1 or CV_16UC1 as the values need. Throws Error(data) for runs that do not fill their size, or a
/// size other than `size`.
cv::Mat draw_shapes(const std::vector<LabeledShape>& shapes, cv::Size size);

/// Returns a rectangle of what `draw_shapes` returns, without drawing the rest.
cv::Mat draw_shapes(const std::vector<LabeledShape>& shapes, cv::Size size, const cv::Rect& part);

}  // namespace unet
