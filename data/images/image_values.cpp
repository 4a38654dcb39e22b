#include "data/images/image_values.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "configs/schema/error.h"

namespace unet {
namespace {

bool channels_equal(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

bool is_constant(const cv::Mat& channel, double value) {
  double lowest = 0, highest = 0;
  cv::minMaxLoc(channel, &lowest, &highest);
  return lowest == value && highest == value;
}

cv::Mat apply_palette(const cv::Mat& indices, const std::vector<cv::Vec3b>& palette) {
  cv::Mat colors(indices.size(), CV_8UC3);
  for (int y = 0; y < indices.rows; ++y)
    for (int x = 0; x < indices.cols; ++x) colors.at<cv::Vec3b>(y, x) = palette[indices.at<uint8_t>(y, x)];
  return colors;
}

/// Converts gray and alpha to RGB and alpha.
cv::Mat gray_to_color(const cv::Mat& image) {
  cv::Mat color(image.size(), CV_MAKETYPE(image.depth(), 4));
  cv::mixChannels({image}, {color}, {0, 0, 0, 1, 0, 2, 1, 3});
  return color;
}

/// Scales integers so that full intensity is the largest value of their type.
void scale_to_full_range(cv::Mat& pixels, const ImageInfo& info) {
  if (pixels.depth() > CV_16U) return;
  const double white = info.white > 0 ? static_cast<double>(info.white) : std::exp2(info.bits) - 1;
  const double full = full_range(pixels.depth());
  if (white != full) pixels.convertTo(pixels, -1, full / white);
}

/// Sets pixels without a value to 0, so that no NaN gets into sums.
void clear_invalid(cv::Mat& pixels, const cv::Mat& invalid) {
  const size_t bytes = pixels.elemSize();
  for (int y = 0; y < invalid.rows; ++y)
    for (int x = 0; x < invalid.cols; ++x)
      if (invalid.at<uint8_t>(y, x) != 0) std::memset(pixels.ptr(y) + static_cast<size_t>(x) * bytes, 0, bytes);
}

/// Converts floating-point labels, which must be whole numbers, to integers.
cv::Mat whole_numbers(const cv::Mat& values, const std::string& path) {
  if (values.depth() != CV_32F) return values;
  constexpr float kLimit = 2147483648.0F;  // 2^31
  cv::Mat whole(values.size(), CV_32SC1);
  int fractions = 0, missing = 0;
  for (int y = 0; y < values.rows; ++y)
    for (int x = 0; x < values.cols; ++x) {
      const float value = values.at<float>(y, x);
      const bool is_whole = value >= -kLimit && value < kLimit && value == std::floor(value);
      missing += std::isnan(value) ? 1 : 0;
      fractions += is_whole || std::isnan(value) ? 0 : 1;
      whole.at<int32_t>(y, x) = is_whole ? static_cast<int32_t>(value) : 0;
    }
  if (missing > 0)
    fail(ErrorKind::data, path, ": got a mask in which ", missing, " of ", values.total(), " values are NaN, expected ",
         "class numbers. Give these pixels a number of their own and list it in data.ignore_values");
  if (fractions > 0)
    fail(ErrorKind::data, path, ": got a floating-point mask in which ", fractions, " of ", values.total(),
         " values are no whole numbers of 32 bits, expected class numbers. Probabilities need a threshold before they ",
         "are labels");
  return whole;
}

/// Returns the label values that the channels of a mask stand for.
cv::Mat label_values_of(std::vector<cv::Mat> channels, bool has_alpha, const MaskReading& reading,
                        const std::string& path) {
  if (reading.channel == MaskChannel::alpha) {
    if (!has_alpha)
      fail(ErrorKind::data, path, ": got a mask without alpha, expected one because data.mask_channel is alpha");
    return whole_numbers(channels.back(), path);
  }
  if (has_alpha && !is_constant(channels.back(), full_range(channels.back().depth())))
    fail(ErrorKind::data, path, ": got a mask with transparency. Set data.mask_channel: alpha to read the labels from ",
         "the alpha channel, or remove that channel");
  // Some writers add an opaque alpha channel without its tag.
  const bool is_opaque = (channels.size() == 2 || channels.size() == 4) && channels[0].depth() <= CV_16U &&
                         is_constant(channels.back(), full_range(channels[0].depth()));
  if (has_alpha || is_opaque) channels.pop_back();
  const bool is_gray = std::all_of(channels.begin() + 1, channels.end(),
                                   [&](const cv::Mat& channel) { return channels_equal(channel, channels[0]); });
  if (is_gray) return whole_numbers(channels[0], path);
  if (channels.size() != 3 || channels[0].depth() != CV_8U)
    fail(ErrorKind::data, path, ": got a mask of ", channels.size(), " different channels of type ", channels[0].type(),
         ", expected one value for each pixel, or RGB colors of 8 bits");
  cv::Mat colors;
  cv::merge(channels, colors);
  return colors;
}

}  // namespace

Image to_image(const ImageInfo& info, StoredPixels stored) {
  cv::Mat& pixels = stored.samples;
  if (!stored.palette.empty())
    pixels = apply_palette(pixels, stored.palette);
  else
    scale_to_full_range(pixels, info);
  if (pixels.depth() == CV_32S) pixels.convertTo(pixels, CV_32F);
  clear_invalid(pixels, stored.invalid);
  if (info.has_alpha && pixels.channels() == 2) pixels = gray_to_color(pixels);
  return {pixels, info.has_alpha, stored.invalid, info.converted, info.orientation};
}

Mask to_mask(const ImageInfo& info, const StoredPixels& stored, const MaskReading& reading, const std::string& path) {
  Mask mask;
  mask.is_lossy = info.lossy;
  mask.orientation = info.orientation;
  if (!stored.palette.empty() && reading.palette == PaletteMode::indices) {
    mask.values = stored.samples;
    mask.palette = stored.palette;
    return mask;
  }
  std::vector<cv::Mat> channels;
  cv::split(stored.palette.empty() ? stored.samples : apply_palette(stored.samples, stored.palette), channels);
  mask.values = label_values_of(std::move(channels), info.has_alpha, reading, path);
  return mask;
}

}  // namespace unet
