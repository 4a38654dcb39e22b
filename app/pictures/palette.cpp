#include "app/pictures/palette.h"

#include <array>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "app/pictures/outlines.h"
#include "configs/schema/ignore_label.h"
#include "data/dataset/class_colors.h"

namespace unet {
namespace {

/// Replaces values that are no numbers by the smallest value.
cv::Mat finite(const cv::Mat& image) {
  cv::Mat values = image.clone().reshape(1);
  const cv::Mat is_number = (values == values) & (values <= std::numeric_limits<float>::max()) &
                            (values >= std::numeric_limits<float>::lowest());
  double lowest = 0;
  cv::minMaxLoc(values, &lowest, nullptr, nullptr, nullptr, is_number);
  values.setTo(lowest, ~is_number);
  return values.reshape(image.channels());
}

/// Stretches each channel to 0..255.
cv::Mat stretched_apart(const cv::Mat& image) {
  std::vector<cv::Mat> planes;
  cv::split(image, planes);
  for (cv::Mat& plane : planes) cv::normalize(plane, plane, 0, 255, cv::NORM_MINMAX, CV_8U);
  cv::Mat result;
  cv::merge(planes, result);
  return result;
}

}  // namespace

cv::Mat colored(const cv::Mat& classes, const std::vector<std::string>& colors) {
  cv::Mat table(1, 256, CV_8UC3, cv::Scalar(128, 128, 128));
  for (size_t c = 0; c < colors.size() && c < static_cast<size_t>(kIgnoreLabel); ++c)
    table.at<cv::Vec3b>(0, static_cast<int>(c)) = parse_color(colors[c]);
  cv::Mat rgb, picture;
  cv::cvtColor(classes, rgb, cv::COLOR_GRAY2RGB);
  cv::LUT(rgb, table, picture);
  return picture;
}

cv::Mat viewable(const cv::Mat& image) {
  // Of other channels than gray and RGB, the first three are shown, or the first of two.
  cv::Mat bytes = image;
  if (image.channels() == 2) cv::extractChannel(image, bytes, 0);
  if (image.channels() > 3) {
    bytes = cv::Mat(image.size(), CV_MAKETYPE(image.depth(), 3));
    cv::mixChannels({image}, {bytes}, {0, 0, 1, 1, 2, 2});
  }
  if (image.depth() == CV_32F) bytes = finite(bytes);
  if (image.depth() != CV_8U) {
    constexpr int kColorChannels = 4;  // RGB and alpha keep their proportions; other channels may differ in scale
    if (image.channels() <= kColorChannels)
      cv::normalize(bytes, bytes, 0, 255, cv::NORM_MINMAX, CV_8U);
    else
      bytes = stretched_apart(bytes);
  }
  cv::Mat rgb = bytes;
  if (bytes.channels() == 1) cv::cvtColor(bytes, rgb, cv::COLOR_GRAY2RGB);
  return rgb;
}

cv::Mat brightened(const cv::Mat& picture) {
  std::array<int64_t, 256> counts{};
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      for (const uint8_t value : picture.at<cv::Vec3b>(y, x).val) ++counts[value];
  constexpr int kDarkest = 16;  // so that noise in black pictures stays dark
  const auto clipped = static_cast<int64_t>(3 * picture.total() / 500);
  int white = 255;
  for (int64_t seen = counts[255]; white > kDarkest && seen <= clipped; seen += counts[static_cast<size_t>(white)])
    --white;
  cv::Mat result = picture;
  if (white < 128) picture.convertTo(result, -1, 255.0 / white);
  return result;
}

cv::Mat overlaid(const cv::Mat& image, const cv::Mat& classes, const std::vector<std::string>& colors,
                 int64_t background) {
  constexpr double kTint = 0.22;
  cv::Mat picture = viewable(image).clone();
  const cv::Mat paint = colored(classes, colors);
  const cv::Mat foreground =
      (classes != static_cast<double>(background)) & (classes != static_cast<double>(kIgnoreLabel));
  cv::Mat tinted;
  cv::addWeighted(picture, 1 - kTint, paint, kTint, 0, tinted);
  tinted.copyTo(picture, foreground);
  outline(picture, classes, colors, background);
  return picture;
}

void stripe(cv::Mat& picture, const cv::Mat& mask) {
  constexpr int kPeriod = 6, kDark = 2, kLight = 4;  // pixels along a row
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const int phase = (x + y) % kPeriod;
      if (mask.at<uint8_t>(y, x) == 0 || phase >= kLight) continue;
      const uint8_t gray = phase < kDark ? 90 : 200;
      picture.at<cv::Vec3b>(y, x) = {gray, gray, gray};
    }
}

}  // namespace unet
