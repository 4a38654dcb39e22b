#include "app/scores/class_masks.h"

#include <opencv2/imgproc.hpp>

#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

cv::Mat four_neighbors() { return cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}); }

}  // namespace

cv::Mat without_ignored(const cv::Mat& prediction, const cv::Mat& truth) {
  cv::Mat visible = prediction.clone();
  visible.setTo(cv::Scalar(kIgnoreLabel), truth == static_cast<int>(kIgnoreLabel));
  return visible;
}

cv::Rect class_window(const cv::Mat& truth, const cv::Mat& prediction, int64_t class_index) {
  const cv::Rect pixels = cv::boundingRect(class_mask(truth, class_index) | class_mask(prediction, class_index));
  if (pixels.empty()) return {};
  const cv::Rect neighbors(pixels.x - 1, pixels.y - 1, pixels.width + 2, pixels.height + 2);
  return neighbors & cv::Rect(0, 0, truth.cols, truth.rows);
}

cv::Mat class_mask(const cv::Mat& labels, int64_t class_index) { return labels == static_cast<int>(class_index); }

cv::Mat class_boundary(const cv::Mat& labels, int64_t class_index) {
  const cv::Mat mask = class_mask(labels, class_index);
  cv::Mat others = ~mask;
  others.setTo(cv::Scalar(0), labels == static_cast<int>(kIgnoreLabel));
  cv::dilate(others, others, four_neighbors());
  return mask & others;
}

cv::Mat mask_outline(const cv::Mat& mask) {
  cv::Mat inner;
  cv::erode(mask, inner, four_neighbors(), {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  return mask & ~inner;
}

cv::Mat distance_to(const cv::Mat& mask) {
  cv::Mat distance;
  cv::distanceTransform(~mask, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE, CV_32F);
  return distance;
}

}  // namespace unet
