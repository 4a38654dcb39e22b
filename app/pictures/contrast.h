#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// An image reduced to what a screen shows.
struct DisplayImage {
  cv::Mat picture;                 ///< RGB, 8 bits
  std::vector<std::string> notes;  ///< captions: which channels are shown and which range of values was stretched
};

/// Selects the channels to show, 1 or 3, at the image's own depth: gray or RGB; the first three of more, with a note;
/// of two, the first as magenta and the second as green.
cv::Mat shown_channels(const cv::Mat& image, bool has_alpha, std::vector<std::string>& notes);

/// How the values of an image become those of a screen.
enum class Stretch { joint, by_channel };

/// Stretches the values between the 0.5 and the 99.5 percentile to black and white, with a note, if they use less than
/// half of the range of their type; otherwise converts them as they are. `shown` has 1 or 3 channels; floats are always
/// stretched. Pixels where `invalid` (CV_8UC1, or empty) is not 0 do not count and become black.
DisplayImage with_contrast(const cv::Mat& shown, const cv::Mat& invalid, Stretch stretch);

}  // namespace unet
