#include "data/dataset/percentiles.h"

#include <algorithm>
#include <cmath>

#include "data/dataset/channels.h"
#include "data/dataset/parallel_samples.h"
#include "data/dataset/read_sample.h"

namespace unet {
namespace {

constexpr size_t kMaxImages = 1024, kMaxValues = size_t{1} << 20;  // values: of each channel

/// Mixes the bits of a number. Source: Steele et al. 2014, SplitMix64.
uint64_t mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// Values by pixel and channel at `count` places, one in each of as many equal parts of the image. The place within
/// its part varies, because a fixed step could meet the same column of every row.
std::vector<float> sampled_values(const SampleRef& sample, const DataOptions& options, size_t count) {
  const Image image = read_image(sample.image);
  const cv::Mat stored = convert_channels(image, *options.channels, options.fourth_channel, {}, text_of(sample.image));
  cv::Mat pixels;
  stored.convertTo(pixels, CV_32F, 1 / full_range(stored.depth()));
  const size_t total = pixels.total(), channels = static_cast<size_t>(pixels.channels());
  count = std::min(count, total);
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = i * total / count, end = (i + 1) * total / count;
    const size_t at = begin + mixed(i) % (end - begin);
    const int y = static_cast<int>(at / static_cast<size_t>(pixels.cols));
    const int x = static_cast<int>(at % static_cast<size_t>(pixels.cols));
    if (!image.invalid.empty() && image.invalid.at<uint8_t>(y, x) != 0) continue;
    const float* pixel = pixels.ptr<float>(y) + static_cast<size_t>(x) * channels;
    values.insert(values.end(), pixel, pixel + channels);
  }
  return values;
}

/// Interpolates between the two nearest of sorted values, as NumPy does.
double percentile(const std::vector<float>& sorted, double percent) {
  const double at = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = at - std::floor(at);
  return sorted[below] * (1 - part) + sorted[above] * part;
}

ClippedIntensity clipped_intensity(std::vector<float>& values) {
  if (values.empty()) return {};
  constexpr double kLow = 0.5, kHigh = 99.5;
  std::sort(values.begin(), values.end());
  ClippedIntensity result;
  result.low = percentile(values, kLow);
  result.high = percentile(values, kHigh);
  const auto clipped = [&](float value) { return std::clamp<double>(value, result.low, result.high); };
  const auto count = static_cast<double>(values.size());
  double sum = 0, square = 0;
  for (const float value : values) sum += clipped(value);
  result.mean = sum / count;
  for (const float value : values) square += std::pow(clipped(value) - result.mean, 2);
  result.deviation = std::sqrt(square / count);
  return result;
}

std::vector<size_t> evenly_spread(const std::vector<size_t>& images) {
  const size_t count = std::min(images.size(), kMaxImages);
  std::vector<size_t> chosen;
  for (size_t i = 0; i < count; ++i) chosen.push_back(images[i * images.size() / count]);
  return chosen;
}

}  // namespace

std::vector<ClippedIntensity> measure_clipped(const std::vector<SampleRef>& samples, const std::vector<size_t>& images,
                                              const DataOptions& options, const ScanOptions& scan) {
  const std::vector<size_t> chosen = evenly_spread(images);
  const size_t count = kMaxValues / std::max<size_t>(1, chosen.size());
  std::vector<std::vector<float>> found(chosen.size());
  ScanOptions quiet = scan;
  quiet.progress = {};
  for_each_sample(chosen.size(), quiet,
                  [&](size_t i) { found[i] = sampled_values(samples[chosen[i]], options, count); });

  const auto channels = static_cast<size_t>(*options.channels);
  std::vector<ClippedIntensity> result;
  for (size_t c = 0; c < channels; ++c) {
    std::vector<float> values;
    for (const std::vector<float>& image : found)
      for (size_t i = c; i < image.size(); i += channels) values.push_back(image[i]);
    result.push_back(clipped_intensity(values));
  }
  return result;
}

}  // namespace unet
