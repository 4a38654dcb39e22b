#include "data/samples/label_elastic.h"

#include <array>
#include <opencv2/imgproc.hpp>

#include "configs/schema/ignore_label.h"
#include "data/samples/deformation.h"

namespace unet {
namespace {

std::array<bool, 256> present_labels(const cv::Mat& mask) {
  std::array<bool, 256> present{};
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) present[mask.at<uchar>(y, x)] = true;
  return present;
}

/// Sets the displacements of small areas of a class, and of `margin` pixels around their bounding boxes, to 0.
void hold_small_areas(cv::Mat& field, const cv::Mat& area_of_class, int64_t max_area, int margin) {
  cv::Mat labels, statistics, centroids;
  const int count = cv::connectedComponentsWithStats(area_of_class, labels, statistics, centroids);
  for (int i = 1; i < count; ++i) {
    const int* of_area = statistics.ptr<int>(i);
    if (of_area[cv::CC_STAT_AREA] > max_area) continue;
    const cv::Rect box(of_area[cv::CC_STAT_LEFT] - margin, of_area[cv::CC_STAT_TOP] - margin,
                       of_area[cv::CC_STAT_WIDTH] + 2 * margin, of_area[cv::CC_STAT_HEIGHT] + 2 * margin);
    field(box & cv::Rect({}, field.size())).setTo(cv::Scalar::all(0));
  }
}

/// Gives each pixel the label at its position plus its displacement, at the border if that is outside.
cv::Mat moved_labels(const cv::Mat& mask, cv::Mat positions) {
  for (int y = 0; y < positions.rows; ++y)
    for (int x = 0; x < positions.cols; ++x)
      positions.at<cv::Vec2f>(y, x) += cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
  cv::Mat moved;
  cv::remap(mask, moved, positions, cv::noArray(), cv::INTER_NEAREST, cv::BORDER_REPLICATE);
  return moved;
}

}  // namespace

void LabelElastic::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("alpha", alpha, "factor of the smoothed displacements, pixels, uniform in this range", in_range(0, 10000));
  visit("sigma", sigma, "standard deviation of the Gaussian that smooths them, pixels, uniform in this range",
        in_range(0.5, 64));
  visit("min_area", min_area, "connected areas of up to this many pixels are not deformed; 0: all are", at_least(0));
}

void LabelElastic::apply(Sample& sample, const OtherSamples&, Rng& rng) const {
  const double factor = rng.uniform(alpha.low, alpha.high), deviation = rng.uniform(sigma.low, sigma.high);
  cv::Mat field = uniform_field(sample.mask.size(), rng);
  const std::array<bool, 256> present = present_labels(sample.mask);
  for (size_t label = 0; min_area > 0 && label < present.size(); ++label)
    if (present[label] && label != static_cast<size_t>(kIgnoreLabel))
      hold_small_areas(field, sample.mask == static_cast<double>(label), min_area, cvFloor(factor / 2));
  smooth_field(field, factor, deviation);
  sample.mask = moved_labels(sample.mask, field);
}

}  // namespace unet
