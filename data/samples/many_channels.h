#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

namespace unet {

// Many OpenCV functions take at most 4 channels. These take any number.

/// Applies `change`, which returns an image, to at most 4 channels at a time.
template <class Change>
cv::Mat by_channel_groups(const cv::Mat& image, const Change& change) {
  constexpr int kGroup = 4;
  const int channels = image.channels();
  if (channels <= kGroup) return change(image);
  std::vector<cv::Mat> changed;
  for (int begin = 0; begin < channels; begin += kGroup) {
    const int count = std::min(kGroup, channels - begin);
    cv::Mat group(image.size(), CV_MAKETYPE(image.depth(), count));
    std::vector<int> from_to;
    for (int c = 0; c < count; ++c) {
      from_to.push_back(begin + c);
      from_to.push_back(c);
    }
    cv::mixChannels(&image, 1, &group, 1, from_to.data(), static_cast<size_t>(count));
    changed.push_back(change(group));
  }
  cv::Mat result(changed[0].size(), CV_MAKETYPE(changed[0].depth(), channels));
  std::vector<int> pairs;
  for (int c = 0; c < 2 * channels; ++c) pairs.push_back(c / 2);
  cv::mixChannels(changed.data(), changed.size(), &result, 1, pairs.data(), static_cast<size_t>(channels));
  return result;
}

/// Returns the mean of each channel of a float image.
std::vector<double> channel_means(const cv::Mat& image);

/// Adds a number to each channel of a float image.
void add_to_channels(cv::Mat& image, const std::vector<double>& numbers);

/// Multiplies each channel of a float image by a number.
void scale_channels(cv::Mat& image, const std::vector<double>& factors);

/// Limits each channel of a float image to [low, high].
void clip_channels(cv::Mat& image, const std::vector<double>& low, const std::vector<double>& high);

/// Sets all pixels of a float image.
void fill_channels(cv::Mat& image, const std::vector<double>& numbers);

}  // namespace unet
