#include "data/samples/photometric.h"

#include <opencv2/imgproc.hpp>

#include "data/samples/many_channels.h"

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
  visit("shift", shift, "constant added to all values, in augment.intensity_unit, uniform in this range",
        in_range(-10, 10));
}

void Brightness::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double chosen = rng.uniform(shift.low, shift.high);
  if (scale.is_plain()) return image.convertTo(image, -1, 1, chosen);
  std::vector<double> added = scale.unit;
  for (double& number : added) number *= chosen;
  add_to_channels(image, added);
}

void Contrast::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("factor", factor, "contrast factor, uniform in this range", in_range(0, 10));
}

void Contrast::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double chosen = rng.uniform(factor.low, factor.high);
  std::vector<double> offsets = channel_means(image);
  for (double& offset : offsets) offset *= 1 - chosen;
  image.convertTo(image, -1, chosen);
  add_to_channels(image, offsets);
}

void Gamma::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("gamma", gamma, "exponent, uniform in this range; above 1 darkens", in_range(0.1, 10));
}

void Gamma::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double exponent = rng.uniform(gamma.low, gamma.high);
  std::vector<double> offsets = scale.low, widths;
  for (size_t c = 0; c < scale.low.size(); ++c) {
    const double width = scale.high[c] - scale.low[c];
    widths.push_back(width > 0 ? width : 1);
    offsets[c] = -offsets[c];
  }
  const auto inverse = [](std::vector<double> numbers) {
    for (double& number : numbers) number = 1 / number;
    return numbers;
  };
  if (!scale.is_plain()) {
    add_to_channels(image, offsets);
    scale_channels(image, inverse(widths));
  }
  cv::Mat values = image.reshape(1);
  cv::max(values, 0.0, values);
  cv::pow(values, exponent, values);
  if (scale.is_plain()) return;
  scale_channels(image, widths);
  add_to_channels(image, scale.low);
}

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

void Noise::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation of the noise, in augment.intensity_unit, uniform in this range",
        in_range(0, 10));
}

void Noise::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double deviation = rng.uniform(sigma.low, sigma.high);
  // OpenCV's generator, seeded with ours, fills an image about ten times as fast as Rng::normal.
  cv::RNG fast(rng.bits());
  cv::Mat noise(image.size(), image.type());
  fast.fill(noise, cv::RNG::NORMAL, 0, deviation);
  if (!scale.is_plain()) scale_channels(noise, scale.unit);
  image += noise;
}

}  // namespace unet
