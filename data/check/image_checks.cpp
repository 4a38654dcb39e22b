#include <algorithm>
#include <map>

#include "configs/schema/error.h"
#include "data/check/checks.h"

namespace unet {
namespace {

bool has_one_colour(const DataScan& scan, size_t image) {
  const size_t colours = scan.channels[image] == 1 ? 1 : 3;
  for (size_t c = 0; c < colours; ++c)
    if (scan.lowest[image][c] != scan.highest[image][c]) return false;
  return true;
}

/// The value that most usable pairs have, the smaller one of two equally frequent ones; 0 where there is none.
int most_frequent(const DataScan& scan, const std::vector<int>& values) {
  std::map<int, int64_t> counts;
  for (size_t i = 0; i < values.size(); ++i)
    if (scan.usable[i]) ++counts[values[i]];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

std::string channels_text(int channels) { return channels == 1 ? "grey" : channels == 3 ? "RGB" : "RGBA"; }

std::string bits_text(int bits) { return concat(bits, " bits"); }

void report_others(const CheckedData& data, const std::vector<int>& values, FindingKind kind,
                   std::string (*text)(int value), std::vector<Finding>& findings) {
  const int most = most_frequent(data.scan, values);
  for (size_t i = 0; i < values.size(); ++i)
    if (data.scan.usable[i] && values[i] != most)
      findings.push_back({kind, data.pairs[i].image,
                          concat(data.pairs[i].image, ": ", text(values[i]), ", most have ", text(most)),
                          text(values[i]) + ", not " + text(most)});
}

}  // namespace

void check_images(const CheckedData& data, std::vector<Finding>& findings) {
  for (size_t i = 0; i < data.pairs.size(); ++i)
    if (data.scan.usable[i] && has_one_colour(data.scan, i))
      findings.push_back({FindingKind::constant_image, data.pairs[i].image,
                          data.pairs[i].image + ": every pixel has the same colour", "one colour"});
  report_others(data, data.scan.channels, FindingKind::mixed_channels, channels_text, findings);
  report_others(data, data.scan.bits, FindingKind::mixed_depth, bits_text, findings);
}

void check_crop(const CheckedData& data, std::vector<Finding>& findings) {
  if (data.options.size_policy != SizePolicy::crop || data.options.size.size() != 2) return;
  const int64_t height = data.options.size[0], width = data.options.size[1];
  for (size_t i = 0; i < data.pairs.size(); ++i) {
    const cv::Size size = data.scan.sizes[i];
    if (!data.scan.usable[i] || data.parts[i] != kTrain || (size.height >= height && size.width >= width)) continue;
    findings.push_back({FindingKind::small_image, data.pairs[i].image,
                        concat(data.pairs[i].image, ": ", size.width, "x", size.height, ", the crop is ", width, "x",
                               height, " (width x height); filled up by reflection, without labels"),
                        "smaller than the crop"});
  }
}

}  // namespace unet
