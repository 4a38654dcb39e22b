#include "data/samples/many_channels.h"

#include <algorithm>

namespace unet {
namespace {

/// Replaces each value by `change(value, i)`, where i is its position in the row.
template <class Change>
void for_each_value(cv::Mat& image, const Change& change) {
  const size_t count = static_cast<size_t>(image.cols) * static_cast<size_t>(image.channels());
  for (int y = 0; y < image.rows; ++y) {
    auto* values = image.ptr<float>(y);
    for (size_t i = 0; i < count; ++i) values[i] = change(values[i], i);
  }
}

/// The numbers of the channels for each value of a row, so that loops over rows are loops over values, which the
/// compiler vectorizes for any number of channels.
std::vector<float> for_a_row(const cv::Mat& image, const std::vector<double>& numbers) {
  const auto channels = static_cast<size_t>(image.channels());
  std::vector<float> row(static_cast<size_t>(image.cols) * channels);
  for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(numbers[i % channels]);
  return row;
}

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
  const std::vector<float> added = for_a_row(image, numbers);
  for_each_value(image, [added = added.data()](float value, size_t i) { return value + added[i]; });
}

void scale_channels(cv::Mat& image, const std::vector<double>& factors) {
  const std::vector<float> scale = for_a_row(image, factors);
  for_each_value(image, [scale = scale.data()](float value, size_t i) { return value * scale[i]; });
}

void clip_channels(cv::Mat& image, const std::vector<double>& low, const std::vector<double>& high) {
  const std::vector<float> lows = for_a_row(image, low), highs = for_a_row(image, high);
  for_each_value(image, [lows = lows.data(), highs = highs.data()](float value, size_t i) {
    return std::min(std::max(value, lows[i]), highs[i]);
  });
}

void fill_channels(cv::Mat& image, const std::vector<double>& numbers) {
  const std::vector<float> filled = for_a_row(image, numbers);
  for_each_value(image, [filled = filled.data()](float, size_t i) { return filled[i]; });
}

}  // namespace unet
