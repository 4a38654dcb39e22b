#include "data/dataset/voc_palette.h"

#include <algorithm>
#include <set>

#include "configs/schema/error.h"
#include "data/dataset/label_text.h"

namespace unet {
namespace {

constexpr int kVocVoid = 255;

int64_t voc_value(int index) {
  const cv::Vec3b color = voc_color(index);
  return color_value(color[0], color[1], color[2]);
}

}  // namespace

cv::Vec3b voc_color(int index) {
  cv::Vec3b color;
  for (int bit = 7; bit >= 0; --bit, index >>= 3)
    for (int c = 0; c < 3; ++c) color[c] = static_cast<uint8_t>(color[c] | (index >> c & 1) << bit);
  return color;
}

std::optional<int64_t> voc_void_color(const LabelEvidence& evidence) {
  const int64_t void_color = voc_value(kVocVoid);
  if (evidence.counts.count(void_color) == 0 || evidence.counts.size() < 3) return std::nullopt;
  std::set<int64_t> palette;
  for (int i = 0; i <= kVocVoid; ++i) palette.insert(voc_value(i));
  const bool are_all_known = std::all_of(evidence.counts.begin(), evidence.counts.end(),
                                         [&](const auto& found) { return palette.count(found.first) != 0; });
  return are_all_known ? std::optional(void_color) : std::nullopt;
}

std::string voc_void_text(const LabelEvidence& evidence, int64_t color) {
  return concat("labels: ", label_value_text(color), " (", evidence.counts.at(color),
                " pixels) marks pixels without a class in the palette of Pascal VOC: ignored, as with ",
                ignore_setting({color}));
}

}  // namespace unet
