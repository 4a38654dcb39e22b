#include "app/check/facts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "configs/schema/error.h"
#include "configs/schema/text.h"

namespace unet {

SizeFacts size_facts(const DataReport& report) {
  const DataScan& scan = report.data.scan;
  std::vector<cv::Size> sizes;
  for (size_t i = 0; i < scan.sizes.size(); ++i)
    if (scan.usable[i]) sizes.push_back(scan.sizes[i]);
  if (sizes.empty()) return {};
  std::sort(sizes.begin(), sizes.end(), [](const cv::Size& a, const cv::Size& b) {
    return std::pair(a.area(), a.width) < std::pair(b.area(), b.width);
  });
  SizeFacts facts{sizes.front(), sizes[(sizes.size() - 1) / 2], sizes.back(), 0};
  facts.different = static_cast<size_t>(std::unique(sizes.begin(), sizes.end()) - sizes.begin());
  return facts;
}

std::map<int, int64_t> image_counts(const DataReport& report, const std::vector<int>& values) {
  std::map<int, int64_t> counts;
  for (size_t i = 0; i < values.size(); ++i)
    if (report.data.scan.usable[i]) ++counts[values[i]];
  return counts;
}

std::vector<RangeFacts> range_facts(const DataReport& report) {
  const DataScan& scan = report.data.scan;
  std::map<int, RangeFacts> by_bits;
  for (size_t i = 0; i < scan.bits.size(); ++i) {
    if (!scan.usable[i]) continue;
    const int bits = scan.bits[i];
    const double scale = bits == 32 ? 1 : std::exp2(bits) - 1;
    const std::ptrdiff_t colors = std::max(1, scan.channels[i] - (scan.has_alpha[i] ? 1 : 0));
    const double lowest = scale * *std::min_element(scan.lowest[i].begin(), scan.lowest[i].begin() + colors);
    const double highest = scale * *std::max_element(scan.highest[i].begin(), scan.highest[i].begin() + colors);
    const auto [place, inserted] = by_bits.emplace(bits, RangeFacts{bits, 0, lowest, highest, 1});
    RangeFacts& range = place->second;
    ++range.images;
    range.lowest = std::min(range.lowest, lowest);
    range.highest = std::max(range.highest, highest);
    if (bits != 32) range.share = (range.highest - range.lowest) / scale;
  }
  std::vector<RangeFacts> ranges;
  for (const auto& [bits, range] : by_bits) ranges.push_back(range);
  return ranges;
}

int64_t invalid_pixels(const DataReport& report) {
  const std::vector<int64_t>& invalid = report.data.scan.invalid;
  return std::accumulate(invalid.begin(), invalid.end(), int64_t{0});
}

std::array<int64_t, 4> rotation_counts(const DataReport& report) {
  std::array<int64_t, 4> counts{};
  for (size_t i = 0; i < report.data.samples.size(); ++i)
    if (report.data.scan.usable[i]) ++counts.at(static_cast<size_t>(report.data.scan.rotations[i]));
  return counts;
}

std::string rotation_text(const DataReport& report) {
  const auto counts = rotation_counts(report);
  std::vector<std::string> parts;
  const auto add = [&](MaskRotation rotation, const std::string& text) {
    const int64_t count = counts.at(static_cast<size_t>(rotation));
    if (count > 0) parts.push_back(counted(count, "mask") + text);
  };
  add(MaskRotation::upright, " as the image is shown");
  add(MaskRotation::turned, " turned like the image");
  add(MaskRotation::unclear, " in doubt, taken as the image is shown");
  return join(parts);
}

PartCounts images_by_part(const DataReport& report) {
  PartCounts counts{};
  for (size_t i = 0; i < report.data.samples.size(); ++i) ++counts[report.data.part(i)];
  return counts;
}

PartCounts usable_by_part(const DataReport& report) {
  PartCounts counts{};
  for (size_t i = 0; i < report.data.samples.size(); ++i) counts[report.data.part(i)] += report.data.scan.usable[i];
  return counts;
}

int64_t images_with_min_side(const DataReport& report, int64_t side) {
  int64_t count = 0;
  for (size_t i = 0; i < report.data.samples.size(); ++i) {
    const cv::Size size = report.data.scan.sizes[i];
    if (report.data.part(i) == kTrain && std::min(size.width, size.height) >= side) ++count;
  }
  return count;
}

std::vector<std::string> channel_names(const DataReport& report) {
  const size_t count = report.intensity.size();
  const std::vector<bool>& alpha = report.data.scan.has_alpha;
  const bool has_alpha = std::find(alpha.begin(), alpha.end(), true) != alpha.end();
  if (count == 1) return {"gray"};
  if (count == 3) return {"red", "green", "blue"};
  if (count == 4 && has_alpha) return {"red", "green", "blue", "alpha"};
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(concat("channel ", i));
  return names;
}

std::optional<size_t> rarest_class(const MaskCounts& masks) {
  std::optional<size_t> rarest;
  for (size_t c = 0; c < masks.classes.size(); ++c) {
    const int64_t pixels = masks.classes[c].pixels[kTrain];
    if (pixels > 0 && (!rarest || pixels < masks.classes[*rarest].pixels[kTrain])) rarest = c;
  }
  return rarest;
}

bool wants_class_weights(const MaskCounts& masks) {
  constexpr double kRare = 0.05;
  const auto rarest = rarest_class(masks);
  return rarest && class_share(masks, *rarest, kTrain) < kRare;
}

}  // namespace unet
