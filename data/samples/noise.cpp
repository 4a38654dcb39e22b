#include "data/samples/noise.h"

#include <algorithm>
#include <cmath>

#include "data/samples/many_channels.h"
#include "data/samples/unit_range.h"

namespace unet {
namespace {

/// Normal numbers of an image's size and type. OpenCV's generator, seeded with ours, fills an image about ten times as
/// fast as Rng::normal.
cv::Mat normal_numbers(const cv::Mat& image, double deviation, Rng& rng) {
  cv::RNG fast(rng.bits());
  cv::Mat numbers(image.size(), image.type());
  fast.fill(numbers, cv::RNG::NORMAL, 0, deviation);
  return numbers;
}

}  // namespace

double poisson_number(double mean, double normal) {
  constexpr double kMaxSearched = 20;
  constexpr int kMaxCount = 200;  // never reached but by rounding
  if (mean <= 0) return mean;
  if (mean > kMaxSearched) return std::max(0.0, std::round(mean + std::sqrt(mean) * normal));
  const double share = 0.5 * std::erfc(-normal / std::sqrt(2.0));
  double term = std::exp(-mean), sum = term;
  int count = 0;
  while (share > sum && count < kMaxCount) {
    ++count;
    term *= mean / count;
    sum += term;
  }
  return count;
}

void Noise::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation of the noise, in augment.intensity_unit, uniform in this range",
        in_range(0, 10));
}

void Noise::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double deviation = rng.uniform(sigma.low, sigma.high);
  cv::Mat noise = normal_numbers(image, deviation, rng);
  if (!scale.is_plain()) scale_channels(noise, scale.unit);
  image += noise;
}

void PoissonNoise::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma,
        "standard deviation of the noise at the mean of the image, in augment.intensity_unit, uniform in this range",
        in_range(0, 10));
}

void PoissonNoise::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double chosen = rng.uniform(sigma.low, sigma.high);
  const cv::Mat normal = normal_numbers(image, 1, rng);
  const auto channels = static_cast<size_t>(image.channels());
  const std::vector<double> low = lowest_values(scale, channels), means = channel_means(image);
  std::vector<double> photon(channels);  // what one photon adds to a value
  for (size_t c = 0; c < channels; ++c) {
    const double deviation = chosen * (scale.is_plain() ? 1 : scale.unit[c]), light = means[c] - low[c];
    photon[c] = light > 0 ? deviation * deviation / light : 0;
  }
  for (int y = 0; y < image.rows; ++y) {
    auto* value = image.ptr<float>(y);
    const auto* number = normal.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x)
      for (size_t c = 0; c < channels; ++c, ++value, ++number)
        if (photon[c] > 0)
          *value = static_cast<float>(low[c] + photon[c] * poisson_number((*value - low[c]) / photon[c], *number));
  }
}

void SpeckleNoise::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation of the factors of the values, uniform in this range", in_range(0, 2));
}

void SpeckleNoise::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double deviation = rng.uniform(sigma.low, sigma.high);
  const cv::Mat noise = normal_numbers(image, deviation, rng);
  cv::Mat signal = image.clone();
  subtract_lowest(signal, scale);
  image += signal.mul(noise);
}

}  // namespace unet
