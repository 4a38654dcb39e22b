#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"
#include "data/images/image_io.h"

namespace unet {

/// Stands for a missing alpha channel in a selection of channels.
inline constexpr int64_t kOpaque = -1;

/// Reads a selection of stored channels, e.g. "0,1,2" or "0,1,2,opaque". Throws Error(usage).
std::vector<int64_t> parse_channel_selection(const std::string& text);

/// Whether images of `stored` channels, with or without a last one that is alpha, can be given to a network of `wanted`
/// channels: equal channels; gray to RGB and back; alpha left out; opaque alpha added unless the fourth channel of the
/// training images is a band.
bool channels_convert(int64_t stored, bool has_alpha, int64_t wanted, FourthChannel fourth);

/// Returns the pixels with the channels that a network expects: gray to RGB by copying, RGB to gray by luma, alpha left
/// out or added as opaque. With a `selection`, these stored channels (from 0) instead. `place` names the image in
/// messages. Throws Error(data).
cv::Mat convert_channels(const Image& image, int64_t channels, FourthChannel fourth,
                         const std::vector<int64_t>& selection, const std::string& place);

/// Returns mean and standard deviation of each channel.
std::vector<ChannelStatistics> statistics_of(const cv::Mat& image);

}  // namespace unet
