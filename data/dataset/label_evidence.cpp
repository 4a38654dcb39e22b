#include "data/dataset/label_evidence.h"

#include <algorithm>

namespace unet {
namespace {

void add_counts(const ValueCounts& from, ValueCounts& to) {
  for (const auto& [value, count] : from) to[value] += count;
}

void add_shapes(const MaskShapes& shapes, const ValueCounts& counts, LabelEvidence& evidence) {
  if (!shapes.is_measured) {
    add_counts(counts, evidence.flat);
    return;
  }
  evidence.is_measured = true;
  add_counts(shapes.flat, evidence.flat);
  evidence.object_values += static_cast<int64_t>(counts.size() - counts.count(0));
  evidence.pieces += shapes.pieces;
  for (const auto& [value, shape] : shapes.borders) {
    BorderShape& border = evidence.borders[value];
    border.pixels += shape.pixels;
    border.thick += shape.thick;
    border.between += shape.between;
  }
}

/// Counts a mask whose values other than 0 are 1..n.
void add_sequence(const ValueCounts& counts, LabelEvidence& evidence) {
  const auto objects = static_cast<int64_t>(counts.size() - counts.count(0));
  const bool is_sequence = objects == 0 || (counts.rbegin()->first == objects && counts.begin()->first >= 0 &&
                                            counts.upper_bound(0)->first == 1);
  if (is_sequence) ++evidence.sequences[objects];
}

void add_palette(const std::vector<cv::Vec3b>& palette, const ValueCounts& counts, size_t sample,
                 std::map<int64_t, size_t>& first_sample, LabelEvidence& evidence) {
  if (palette.empty()) return;
  ++evidence.palettes;
  for (const auto& [value, count] : counts) {
    if (value < 0 || value >= static_cast<int64_t>(palette.size())) continue;
    const cv::Vec3b color = palette[static_cast<size_t>(value)];
    const auto [known, is_new] = evidence.palette.emplace(value, color);
    if (is_new)
      first_sample[value] = sample;
    else if (known->second != color && !evidence.conflict)
      evidence.conflict = PaletteConflict{value, {first_sample[value], sample}, {known->second, color}};
  }
}

/// Finds the masks of numbers beside masks of colors. Black and white are read as numbers where a mask has no other
/// colors, as are gray colors.
void find_gray_masks(const DataScan& scan, const std::vector<size_t>& samples, LabelEvidence& evidence) {
  for (const size_t i : samples) {
    const ValueCounts& counts = scan.value_counts[i];
    if (!counts.empty() && is_color(counts.begin()->first)) {
      evidence.colored.push_back(i);
      continue;
    }
    const bool are_colors = std::all_of(counts.begin(), counts.end(), [&](const auto& entry) {
      const int64_t value = entry.first;
      const bool is_gray = value >= 0 && value <= 255 && evidence.counts.count(gray_color(value)) > 0;
      return value == 0 || value == 255 || is_gray;
    });
    if (!are_colors) evidence.gray.push_back(i);
  }
}

ValueCounts with_gray_colors(const ValueCounts& counts) {
  ValueCounts colors;
  for (const auto& [value, count] : counts) colors[value >= 0 && value <= 255 ? gray_color(value) : value] += count;
  return colors;
}

}  // namespace

LabelEvidence gather_labels(const DataScan& scan, const std::vector<size_t>& samples) {
  LabelEvidence evidence;
  std::map<int64_t, size_t> first_sample;
  for (const size_t i : samples) {
    const ValueCounts& counts = scan.value_counts[i];
    ++evidence.masks;
    add_counts(counts, evidence.counts);
    add_shapes(scan.shapes[i], counts, evidence);
    add_sequence(counts, evidence);
    add_palette(scan.palettes[i], counts, i, first_sample, evidence);
    evidence.lossy += scan.lossy_masks[i] ? 1 : 0;
  }
  if (evidence.has_colors()) {
    find_gray_masks(scan, samples, evidence);
    evidence.counts = with_gray_colors(evidence.counts);
    evidence.flat = with_gray_colors(evidence.flat);
  }
  for (const auto& [value, count] : evidence.counts) evidence.pixels += count;
  return evidence;
}

LabelEvidence without_values(LabelEvidence evidence, const std::vector<LabelKey>& ignored) {
  for (const LabelKey& key : ignored)
    for (ValueCounts* counts : {&evidence.counts, &evidence.flat})
      counts->erase(counts->lower_bound(key.low), counts->upper_bound(key.high));
  evidence.pixels = 0;
  for (const auto& [value, count] : evidence.counts) evidence.pixels += count;
  return evidence;
}

LabelEvidence evidence_of(const ValueCounts& counts) {
  LabelEvidence evidence;
  evidence.counts = evidence.flat = counts;
  for (const auto& [value, count] : counts) evidence.pixels += count;
  return evidence;
}

}  // namespace unet
