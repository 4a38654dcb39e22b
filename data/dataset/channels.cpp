#include "data/dataset/channels.h"

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <sstream>

#include "configs/schema/error.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

/// Returns cv::cvtColor's code between two numbers of channels.
int conversion_code(int from, int64_t to) {
  if (from == 1) return to == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_GRAY2RGBA;
  if (from == 3) return to == 1 ? cv::COLOR_RGB2GRAY : cv::COLOR_RGB2RGBA;
  return to == 1 ? cv::COLOR_RGBA2GRAY : cv::COLOR_RGBA2RGB;
}

std::string count_text(int64_t channels) { return counted(channels, "channel"); }

/// An example of a selection of `wanted` of `stored` channels.
std::string selection_example(int64_t stored, int64_t wanted) {
  std::string text;
  for (int64_t c = 0; c < wanted; ++c) text += concat(c == 0 ? "" : ",", std::min(c, stored - 1));
  return text;
}

cv::Mat selected(const cv::Mat& pixels, const std::vector<int64_t>& selection, const std::string& place) {
  const int stored = pixels.channels();
  cv::Mat result(pixels.size(), CV_MAKETYPE(pixels.depth(), static_cast<int>(selection.size())));
  for (size_t c = 0; c < selection.size(); ++c) {
    if (selection[c] >= stored)
      fail(ErrorKind::data, place, ": got an image of ", count_text(stored), ", expected at least ", selection[c] + 1,
           " because --channels names channel ", selection[c], " (the first is 0)");
    cv::Mat plane;
    if (selection[c] == kOpaque)
      plane = cv::Mat(pixels.size(), pixels.depth(), cv::Scalar(full_range(pixels.depth())));
    else
      cv::extractChannel(pixels, plane, static_cast<int>(selection[c]));
    cv::insertChannel(plane, result, static_cast<int>(c));
  }
  return result;
}

}  // namespace

std::vector<int64_t> parse_channel_selection(const std::string& text) {
  std::vector<int64_t> selection;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    const bool is_number =
        !item.empty() && item.size() <= 2 && item.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number && item != "opaque")
      fail(ErrorKind::usage, "--channels: got '", item,
           "', expected numbers of stored channels, the first being 0, or ",
           "opaque for a missing alpha, e.g. --channels 0,1,2");
    selection.push_back(is_number ? std::stoll(item) : kOpaque);
  }
  if (selection.empty() || static_cast<int64_t>(selection.size()) > int64_t{kMaxChannels})
    fail(ErrorKind::usage, "--channels: got ", selection.size(), " channels, expected from 1 to ", kMaxChannels);
  return selection;
}

bool channels_convert(int64_t stored, bool has_alpha, int64_t wanted, FourthChannel fourth) {
  if (stored == wanted) return wanted != 4 || !has_alpha || fourth != FourthChannel::band;
  const int64_t colors = stored - (has_alpha ? 1 : 0);
  if (colors == wanted) return true;
  if (colors != 1 && colors != 3) return false;
  return wanted == 1 || wanted == 3 || (wanted == 4 && fourth != FourthChannel::band);
}

cv::Mat convert_channels(const Image& image, int64_t channels, FourthChannel fourth,
                         const std::vector<int64_t>& selection, const std::string& place) {
  if (!selection.empty()) {
    if (static_cast<int64_t>(selection.size()) != channels)
      fail(ErrorKind::usage, "--channels: got ", count_text(static_cast<int64_t>(selection.size())), ", expected ",
           channels, " as in training");
    return selected(image.pixels, selection, place);
  }
  const int stored = image.pixels.channels();
  if (!channels_convert(stored, image.has_alpha, channels, fourth))
    fail(ErrorKind::data, place, ": got an image of ", count_text(stored - (image.has_alpha ? 1 : 0)),
         image.has_alpha ? " and alpha" : "", ", expected ", channels,
         " as in training. To choose among the stored channels, which count from 0, add --channels, e.g. --channels ",
         selection_example(stored, channels));
  if (stored == channels) return image.pixels;
  cv::Mat converted;
  if (channels > 3 && channels == stored - 1) {  // cv::cvtColor leaves out alpha of RGBA only
    std::vector<int64_t> colors(static_cast<size_t>(channels));
    std::iota(colors.begin(), colors.end(), 0);
    return selected(image.pixels, colors, place);
  }
  cv::cvtColor(image.pixels, converted, conversion_code(stored, channels));
  return converted;
}

std::vector<ChannelStatistics> statistics_of(const cv::Mat& image) {
  const double scale = full_range(image.depth());
  std::vector<ChannelStatistics> statistics;
  for (int c = 0; c < image.channels(); ++c) {
    cv::Mat plane;
    cv::extractChannel(image, plane, c);
    cv::Scalar mean, deviation;
    cv::meanStdDev(plane, mean, deviation);
    statistics.push_back({mean[0] / scale, deviation[0] / scale});
  }
  return statistics;
}

}  // namespace unet
