#include "data/samples/photometric.h"

#include <opencv2/imgproc.hpp>

namespace unet {

const Registry<PhotometricAugmentation>& photometric_augmentations() {
  static const Registry<PhotometricAugmentation> table{
      "photometric augmentation",
      {{"brightness", "add a constant to all pixel values", make_row<PhotometricAugmentation, Brightness>},
       {"contrast", "scale the deviations from the mean of the image", make_row<PhotometricAugmentation, Contrast>},
       {"gamma", "raise pixel values to a power", make_row<PhotometricAugmentation, Gamma>},
       {"blur", "Gaussian blur", make_row<PhotometricAugmentation, Blur>},
       {"noise", "Gaussian noise, independent per pixel and channel", make_row<PhotometricAugmentation, Noise>}}};
  return table;
}

void Brightness::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("shift", shift, "constant added to values in [0,1], uniform in this range", in_range(-1, 1));
}

void Brightness::apply(cv::Mat& image, Rng& rng) const {
  image.convertTo(image, -1, 1, rng.uniform(shift.low, shift.high));
}

void Contrast::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("factor", factor, "contrast factor, uniform in this range", in_range(0, 10));
}

void Contrast::apply(cv::Mat& image, Rng& rng) const {
  const double chosen = rng.uniform(factor.low, factor.high);
  const cv::Scalar offset = cv::mean(image) * (1 - chosen);
  image.convertTo(image, -1, chosen);
  cv::add(image, offset, image);
}

void Gamma::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("gamma", gamma, "exponent, uniform in this range; above 1 darkens", in_range(0.1, 10));
}

void Gamma::apply(cv::Mat& image, Rng& rng) const {
  cv::max(image, 0.0, image);
  cv::pow(image, rng.uniform(gamma.low, gamma.high), image);
}

void Blur::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation in pixels, uniform in this range", in_range(0.1, 20));
}

void Blur::apply(cv::Mat& image, Rng& rng) const {
  cv::GaussianBlur(image, image, cv::Size(), rng.uniform(sigma.low, sigma.high), 0, cv::BORDER_REFLECT_101);
}

void Noise::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation for values in [0,1], uniform in this range", in_range(0, 1));
}

void Noise::apply(cv::Mat& image, Rng& rng) const {
  const double deviation = rng.uniform(sigma.low, sigma.high);
  // OpenCV's generator, seeded with ours, fills an image about ten times as fast as Rng::normal.
  cv::RNG fast(rng.bits());
  cv::Mat noise(image.size(), image.type());
  fast.fill(noise, cv::RNG::NORMAL, 0, deviation);
  image += noise;
}

}  // namespace unet
