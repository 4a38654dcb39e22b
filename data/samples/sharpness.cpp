#include "data/samples/sharpness.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "data/samples/many_channels.h"

namespace unet {

void Blur::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation in pixels, uniform in this range", in_range(0.1, 20));
}

void Blur::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double chosen = rng.uniform(sigma.low, sigma.high);
  image = by_channel_groups(image, [&](cv::Mat group) {
    cv::GaussianBlur(group, group, cv::Size(), chosen, 0, cv::BORDER_REFLECT_101);
    return group;
  });
}

void Sharpen::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("amount", amount, "multiple of the difference from the blurred image that is added, uniform in this range",
        in_range(0, 10));
  visit("sigma", sigma, "standard deviation of the blur in pixels, uniform in this range", in_range(0.1, 20));
}

void Sharpen::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double strength = rng.uniform(amount.low, amount.high);
  const double deviation = rng.uniform(sigma.low, sigma.high);
  image = by_channel_groups(image, [&](const cv::Mat& group) {
    cv::Mat blurred, sharp;
    cv::GaussianBlur(group, blurred, cv::Size(), deviation, 0, cv::BORDER_REFLECT_101);
    cv::addWeighted(group, 1 + strength, blurred, -strength, 0, sharp);
    return sharp;
  });
}

void LowResolution::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("factor", factor, "size of the shrunk image as a fraction of the crop's, uniform in this range",
        in_range(0.02, 1));
}

void LowResolution::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double chosen = rng.uniform(factor.low, factor.high);
  const cv::Size size = image.size();
  const cv::Size shrunk(std::max(1, cvRound(size.width * chosen)), std::max(1, cvRound(size.height * chosen)));
  image = by_channel_groups(image, [&](const cv::Mat& group) {
    cv::Mat small, enlarged;
    cv::resize(group, small, shrunk, 0, 0, cv::INTER_AREA);
    cv::resize(small, enlarged, size, 0, 0, cv::INTER_LINEAR);
    return enlarged;
  });
}

}  // namespace unet
