#include "app/pictures/contrast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <opencv2/imgproc.hpp>

#include "data/images/image_io.h"

namespace unet {
namespace {

struct ValueRange {
  double low = 0, high = 0;
  double width() const { return high - low; }
};

/// The 0.5 and the 99.5 percentile of the finite values of valid pixels; the extremes if the two are equal.
ValueRange central_range(const cv::Mat& values, const cv::Mat& invalid) {
  constexpr double kTail = 0.005;
  cv::Mat floats;
  values.convertTo(floats, CV_32F);
  const int channels = floats.channels();
  std::vector<float> sorted;
  for (int y = 0; y < floats.rows; ++y)
    for (int x = 0; x < floats.cols; ++x) {
      if (!invalid.empty() && invalid.at<uint8_t>(y, x) != 0) continue;
      const float* pixel = floats.ptr<float>(y) + static_cast<ptrdiff_t>(x) * channels;
      std::copy_if(pixel, pixel + channels, std::back_inserter(sorted),
                   [](float value) { return std::isfinite(value); });
    }
  if (sorted.empty()) return {};
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return double{sorted[static_cast<size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))]};
  };
  const ValueRange central{at(kTail), at(1 - kTail)};
  return central.width() > 0 ? central : ValueRange{at(0), at(1)};
}

/// Maps the range to 0..255; a range of one value to medium gray. NaN becomes black.
cv::Mat mapped_to_bytes(const cv::Mat& values, const ValueRange& range) {
  cv::Mat floats, bytes;
  values.convertTo(floats, CV_32F);
  cv::Mat flat = floats.reshape(1);  // the pixels of `floats`
  flat.setTo(range.low, flat != flat);
  const double scale = range.width() > 0 ? 255 / range.width() : 0;
  floats.convertTo(bytes, CV_8U, scale, range.width() > 0 ? -range.low * scale : 128);
  return bytes;
}

/// The range of the type, for integers whose values use at least half of it or are all equal.
bool is_shown_as_stored(int depth, const ValueRange& range) {
  return depth != CV_32F && (range.width() <= 0 || range.width() >= full_range(depth) / 2);
}

/// Widens the range of 8-bit values, so that the noise of an even image stays faint.
ValueRange at_least_visible(int depth, ValueRange range) {
  constexpr double kFewest = 16;
  if (depth != CV_8U || range.width() >= kFewest) return range;
  const double low = std::clamp(range.low - (kFewest - range.width()) / 2, 0.0, 255 - kFewest);
  return {low, low + kFewest};
}

std::string range_note(int depth, const ValueRange& range) {
  const std::string text = depth == CV_32F ? fmt::format("contrast {:.3g} to {:.3g}", range.low, range.high)
                                           : fmt::format("contrast {:.0f} to {:.0f}", range.low, range.high);
  return depth == CV_32F ? text : fmt::format("{} of {:.0f}", text, full_range(depth));
}

/// One plane or several with a common range. Notes the range in `note` where it was stretched.
cv::Mat stretched(const cv::Mat& values, const cv::Mat& invalid, std::string& note) {
  const int depth = values.depth();
  const ValueRange range = central_range(values, invalid);
  if (is_shown_as_stored(depth, range)) return mapped_to_bytes(values, {0, full_range(depth)});
  const ValueRange visible = at_least_visible(depth, range);
  note = range_note(depth, visible);
  return mapped_to_bytes(values, visible);
}

}  // namespace

cv::Mat shown_channels(const cv::Mat& image, bool has_alpha, std::vector<std::string>& notes) {
  const int channels = image.channels(), colors = channels - (has_alpha ? 1 : 0);
  if (channels == 1 || channels == 3) return image;
  cv::Mat shown(image.size(), CV_MAKETYPE(image.depth(), colors == 1 ? 1 : 3));
  if (colors == 1) cv::mixChannels({image}, {shown}, {0, 0});
  if (colors == 2) cv::mixChannels({image}, {shown}, {0, 0, 1, 1, 0, 2});
  if (colors >= 3) cv::mixChannels({image}, {shown}, {0, 0, 1, 1, 2, 2});
  if (colors == 2) notes.emplace_back("channels 0, 1: magenta, green");
  if (colors > 3) notes.push_back(fmt::format("channels 0-2 of {} as RGB", colors));
  if (has_alpha) notes.emplace_back("alpha not shown");
  return shown;
}

DisplayImage with_contrast(const cv::Mat& shown, const cv::Mat& invalid, Stretch stretch) {
  DisplayImage result;
  std::string note;
  if (stretch == Stretch::joint || shown.channels() == 1) {
    result.picture = stretched(shown, invalid, note);
  } else {
    std::vector<cv::Mat> planes;
    cv::split(shown, planes);
    for (cv::Mat& plane : planes) plane = stretched(plane, invalid, note);
    cv::merge(planes, result.picture);
    if (!note.empty()) note = "contrast by channel";
  }
  if (!note.empty()) result.notes.push_back(note);
  if (result.picture.channels() == 1) cv::cvtColor(result.picture, result.picture, cv::COLOR_GRAY2RGB);
  if (!invalid.empty()) result.picture.setTo(cv::Scalar::all(0), invalid);
  return result;
}

}  // namespace unet
