#include "data/dataset/label_lossy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/label_ranges.h"
#include "data/dataset/label_text.h"
#include "data/dataset/voc_palette.h"

namespace unet {
namespace {

/// Share of pixels beyond which soft edges are taken rather than proposed.
constexpr double kClearShare = 0.9;

std::string peaks_text(const LabelPeaks& peaks) {
  constexpr size_t kShown = 8;
  std::vector<std::string> texts;
  for (const int64_t value : peaks.values) texts.push_back(label_value_text(value));
  return join_first(texts, kShown);
}

LabelInference infer_peaks(const LabelEvidence& evidence, const LabelPeaks& peaks) {
  LabelInference result;
  result.labels = number_values(peaks.values);
  result.snap = peaks.farthest;
  result.remarks.push_back(concat("labels: compression changed the values of ", evidence.lossy, " of ", evidence.masks,
                                  " masks; ", share_text(peaks.pixels, evidence.pixels), " of the pixels lie within ",
                                  peaks.distance, " of ", peaks_text(peaks),
                                  ", and each takes the class of the nearest (data.snap: ", number_text(peaks.farthest),
                                  "). Masks as PNG keep their values"));
  return result;
}

/// Refuses values that neither edges nor compression explain.
[[noreturn]] void refuse_unclear(const LabelEvidence& evidence, const std::string& what) {
  constexpr size_t kMaxListed = 32;
  std::string remedy;
  if (const std::string setting = area_settings(evidence); !setting.empty())
    remedy = "To give every value the class of the nearest one that forms areas:\n  " + setting;
  else if (evidence.counts.size() <= kMaxListed)
    remedy = "If each value is a class: " + labels_setting(number_values(values_of(evidence.counts)));
  fail(ErrorKind::data, cannot_infer_text(evidence), ". ", what,
       ". Check that data.masks holds masks, not photographs. ", remedy);
}

/// Whether most of the colors are those of blurred edges: rare, and without areas.
bool have_soft_edges(const LabelEvidence& evidence) {
  constexpr size_t kMinSoft = 3;
  constexpr double kMaxShare = 0.3;
  const std::vector<int64_t> areas = values_with_areas(evidence, evidence.counts.size());
  int64_t pixels = evidence.pixels;
  for (const int64_t value : areas) pixels -= evidence.counts.at(value);
  const size_t soft = evidence.counts.size() - areas.size();
  return soft >= kMinSoft && soft > areas.size() && share_of(pixels, evidence.pixels) < kMaxShare;
}

}  // namespace

LabelInference infer_soft_edges(const LabelEvidence& evidence, const SoftEdges& edges,
                                const std::vector<LabelKey>& ignored) {
  const int64_t others = evidence.pixels - edges.pixels;
  const std::string found = concat("soft edges: ", edges.between, " values between ", edges.low, " and ", edges.high,
                                   " (", share_text(others, evidence.pixels), " of the pixels)");
  const std::string setting = threshold_setting(edges.threshold());
  if (share_of(edges.pixels, evidence.pixels) < kClearShare)
    fail(ErrorKind::data, "[data.labels] got ", found, ", expected one value for each class. For class 1 from ",
         edges.threshold(), " on and class 0 below: ", setting);
  LabelInference result;
  result.labels = threshold_labels(edges.threshold(), evidence.counts, ignored);
  result.remarks.push_back(
      concat("labels: ", found, "; values from ", edges.threshold(), " on are class 1, as with ", setting));
  return result;
}

LabelInference infer_lossy(const LabelEvidence& evidence, const std::vector<LabelKey>& ignored) {
  if (const auto peaks = find_peaks(evidence)) return infer_peaks(evidence, *peaks);
  const auto edges = evidence.has_colors() ? std::nullopt : find_soft_edges(evidence);
  if (edges) return infer_soft_edges(evidence, *edges, ignored);
  refuse_unclear(evidence, concat(evidence.lossy, " of ", evidence.masks, " masks have lossy compression, which ",
                                  "changed their values. Save them as PNG"));
}

LabelInference infer_colors(const LabelEvidence& evidence) {
  constexpr size_t kMaxColors = 32;
  if (evidence.palettes > 0)
    fail(ErrorKind::data, "[data.palette] got ", evidence.palettes, " masks with a palette and ",
         evidence.masks - evidence.palettes, " without one, among these some in colors; expected indices or colors ",
         "alone. Read the palettes' colors: --set data.palette=colors");
  if (evidence.counts.size() > kMaxColors || have_soft_edges(evidence))
    refuse_unclear(evidence, "Classes are recognized by at most 32 exact colors");
  LabelInference result;
  std::vector<int64_t> colors = values_of(evidence.counts);
  result.remarks.push_back("labels: colors in the masks: " + counts_text(evidence.counts));
  if (const auto ignored = voc_void_color(evidence)) {
    colors.erase(std::find(colors.begin(), colors.end(), *ignored));
    result.ignore_values.emplace_back(*ignored);
    result.remarks.push_back(voc_void_text(evidence, *ignored));
  }
  result.labels = number_values(colors);
  return result;
}

std::string area_settings(const LabelEvidence& evidence) {
  constexpr size_t kMaxProposed = 16;
  std::vector<int64_t> values = values_with_areas(evidence, kMaxProposed + 1);
  if (values.size() < 2 || values.size() > kMaxProposed || values.size() * 2 > evidence.counts.size()) return "";
  std::sort(values.begin(), values.end());
  double farthest = 0;
  for (const auto& [value, count] : evidence.counts) {
    double least = std::numeric_limits<double>::infinity();
    for (const int64_t each : values) least = std::min(least, label_distance(each, value));
    farthest = std::max(farthest, std::ceil(least));
  }
  return labels_setting(number_values(values)) + " --set data.snap=" + number_text(farthest);
}

std::string threshold_setting(int64_t threshold) { return concat("--set data.threshold=", threshold); }

std::string cannot_infer_text(const LabelEvidence& evidence) {
  return concat("[data.labels] cannot infer the classes from the mask values: got ", counts_text(evidence.counts));
}

}  // namespace unet
