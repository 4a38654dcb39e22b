#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

namespace unet {

// Many OpenCV functions take at most 4 channels. These take any number.

/// Applies `change`, which returns an image, to consecutive groups of so many channels each, `counts` adding up to all.
template <class Change>
cv::Mat by_groups(const cv::Mat& image, const std::vector<int>& counts, const Change& change) {
  if (counts.size() == 1) return change(image);
  std::vector<cv::Mat> changed;
  int begin = 0;
  for (const int count : counts) {
    cv::Mat group(image.size(), CV_MAKETYPE(image.depth(), count));
    std::vector<int> from_to;
    for (int c = 0; c < count; ++c) {
      from_to.push_back(begin + c);
      from_to.push_back(c);
    }
    cv::mixChannels(&image, 1, &group, 1, from_to.data(), static_cast<size_t>(count));
    changed.push_back(change(group));
    begin += count;
  }
  cv::Mat result(changed[0].size(), CV_MAKETYPE(changed[0].depth(), begin));
  std::vector<int> pairs;
  for (int c = 0; c < 2 * begin; ++c) pairs.push_back(c / 2);
  cv::mixChannels(changed.data(), changed.size(), &result, 1, pairs.data(), static_cast<size_t>(begin));
  return result;
}

/// Applies `change`, which returns an image, to at most 4 channels at a time.
template <class Change>
cv::Mat by_channel_groups(const cv::Mat& image, const Change& change) {
  constexpr int kGroup = 4;
  std::vector<int> counts;
  for (int left = image.channels(); left > 0; left -= kGroup) counts.push_back(std::min(kGroup, left));
  return by_groups(image, counts, change);
}

/// Whether the first three of so many channels are taken as red, green and blue.
inline bool has_color_channels(int channels) { return channels == 3 || channels == 4; }

/// Applies `change`, which returns an image, to the three colors together, if there are any, and to every other channel
/// alone.
template <class Change>
cv::Mat by_colors(const cv::Mat& image, const Change& change) {
  const int colors = has_color_channels(image.channels()) ? 3 : 0;
  std::vector<int> counts(static_cast<size_t>(image.channels() - colors), 1);
  if (colors > 0) counts.insert(counts.begin(), colors);
  return by_groups(image, counts, change);
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
