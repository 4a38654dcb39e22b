#include <algorithm>
#include <map>

#include "configs/schema/error.h"
#include "data/check/checks.h"

namespace unet {
namespace {

bool has_single_color(const DataScan& scan, size_t image) {
  const auto colors = static_cast<size_t>(scan.channels[image] - (scan.has_alpha[image] ? 1 : 0));
  for (size_t c = 0; c < colors; ++c)
    if (scan.lowest[image][c] != scan.highest[image][c]) return false;
  return true;
}

/// Returns the most frequent value among the usable samples, the smallest if several are equally frequent; 0 if no
/// sample is usable.
int most_frequent(const DataScan& scan, const std::vector<int>& values) {
  std::map<int, int64_t> counts;
  for (size_t i = 0; i < values.size(); ++i)
    if (scan.usable[i]) ++counts[values[i]];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

std::string channels_text(int channels) {
  return channels == 1 ? "gray" : channels == 3 ? "RGB" : concat(channels, " channels");
}

std::string bits_text(int bits) { return concat(bits, " bits per channel"); }

/// Reports the usable images that differ from most of them.
void report_outliers(const Dataset& data, const std::vector<int>& values, FindingKind kind,
                     std::string (*text)(int value), std::vector<Finding>& findings) {
  const int most = most_frequent(data.scan, values);
  for (size_t i = 0; i < values.size(); ++i)
    if (data.scan.usable[i] && values[i] != most)
      findings.push_back({kind, data.samples[i].text(),
                          concat(data.samples[i].text(), ": ", text(values[i]), "; most images have ", text(most)),
                          text(values[i]) + ", not " + text(most), i});
}

}  // namespace

void check_images(const Dataset& data, std::vector<Finding>& findings) {
  for (size_t i = 0; i < data.samples.size(); ++i)
    if (data.scan.usable[i] && has_single_color(data.scan, i))
      findings.push_back({FindingKind::constant_image, data.samples[i].text(),
                          data.samples[i].text() + ": every pixel has the same color", "single color", i});
  for (size_t i = 0; i < data.samples.size(); ++i)
    if (data.scan.usable[i] && data.scan.rotations[i] == MaskRotation::unclear)
      findings.push_back({FindingKind::unclear_rotation, data.samples[i].text(),
                          data.samples[i].text() +
                              ": EXIF rotates the image but not its mask, which would fit either " +
                              "way. If they do not match, remove the EXIF orientation from the image",
                          "rotated by EXIF, mask not", i});
  report_outliers(data, data.scan.channels, FindingKind::mixed_channels, channels_text, findings);
  report_outliers(data, data.scan.bits, FindingKind::mixed_depth, bits_text, findings);
}

void check_crop(const Dataset& data, std::vector<Finding>& findings) {
  if (data.options.size_policy != SizePolicy::crop || data.options.size.size() != 2) return;
  const int64_t height = data.options.size[0], width = data.options.size[1];
  for (size_t i = 0; i < data.samples.size(); ++i) {
    const cv::Size size = data.scan.sizes[i];
    if (!data.scan.usable[i] || data.part(i) != kTrain || (size.height >= height && size.width >= width)) continue;
    findings.push_back({FindingKind::small_image, data.samples[i].text(),
                        concat(data.samples[i].text(), ": ", size.width, "x", size.height, ", the crop is ", width, "x",
                               height, " (width x height); it is padded by reflection, and the padding is ignored"),
                        "smaller than the crop", i});
  }
}

void check_validation(const Dataset& data, std::vector<Finding>& findings) {
  if (data.usable({kTrain}).empty() || !data.usable({kVal}).empty()) return;
  findings.push_back({FindingKind::no_validation_image, "",
                      concat(data.options.dir, ": no validation image, so no checkpoint can be selected as the best. ",
                             "Set data.val_fraction above 0"),
                      ""});
}

}  // namespace unet
