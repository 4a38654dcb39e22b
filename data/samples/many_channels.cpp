#include "data/samples/many_channels.h"

#include <algorithm>

namespace unet {
namespace {

/// Replaces each value by `change(value, channel)`.
template <class Change>
void for_each_value(cv::Mat& image, const Change& change) {
  const int channels = image.channels();
  for (int y = 0; y < image.rows; ++y) {
    auto* value = image.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < channels; ++c, ++value) *value = change(*value, static_cast<size_t>(c));
  }
}

std::vector<float> as_floats(const std::vector<double>& numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace

std::vector<double> channel_means(const cv::Mat& image) {
  const int channels = image.channels();
  if (channels <= 4) {
    const cv::Scalar means = cv::mean(image);
    return {means.val, means.val + channels};
  }
  std::vector<double> sums(static_cast<size_t>(channels));
  for (int y = 0; y < image.rows; ++y) {
    const auto* value = image.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x)
      for (double& sum : sums) sum += *value++;
  }
  for (double& sum : sums) sum /= static_cast<double>(image.total());
  return sums;
}

void add_to_channels(cv::Mat& image, const std::vector<double>& numbers) {
  if (image.channels() <= 4) {
    cv::Scalar all;
    std::copy(numbers.begin(), numbers.end(), all.val);
    cv::add(image, all, image);
    return;
  }
  const std::vector<float> added = as_floats(numbers);
  for_each_value(image, [&](float value, size_t c) { return value + added[c]; });
}

void scale_channels(cv::Mat& image, const std::vector<double>& factors) {
  const std::vector<float> scale = as_floats(factors);
  for_each_value(image, [&](float value, size_t c) { return value * scale[c]; });
}

void clip_channels(cv::Mat& image, const std::vector<double>& low, const std::vector<double>& high) {
  const std::vector<float> lows = as_floats(low), highs = as_floats(high);
  for_each_value(image, [&](float value, size_t c) { return std::min(std::max(value, lows[c]), highs[c]); });
}

void fill_channels(cv::Mat& image, const std::vector<double>& numbers) {
  const std::vector<float> filled = as_floats(numbers);
  for_each_value(image, [&](float, size_t c) { return filled[c]; });
}

}  // namespace unet
