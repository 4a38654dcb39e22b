#include "data/dataset/label_peaks.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>
#include <utility>

namespace unet {
namespace {

constexpr size_t kMaxPeaks = 32;

/// A peak with the pixels around it that no earlier peak took.
struct Cluster {
  int64_t value = 0;
  int64_t pixels = 0;
  int64_t core = 0;  ///< pixels whose value nearly equals the peak
  int64_t flat = 0;
};

int64_t count_of(const ValueCounts& counts, int64_t value) {
  const auto found = counts.find(value);
  return found == counts.end() ? 0 : found->second;
}

Cluster take_cluster(const LabelEvidence& evidence, double distance, ValueCounts& remaining) {
  const double core = distance / 4;
  Cluster cluster;
  cluster.value = std::max_element(remaining.begin(), remaining.end(), [](const auto& a, const auto& b) {
                    return a.second < b.second;
                  })->first;
  for (auto entry = remaining.begin(); entry != remaining.end();) {
    const double away = label_distance(cluster.value, entry->first);
    if (away > distance) {
      ++entry;
      continue;
    }
    cluster.pixels += entry->second;
    cluster.core += away <= core ? entry->second : 0;
    cluster.flat += count_of(evidence.flat, entry->first);
    entry = remaining.erase(entry);
  }
  return cluster;
}

/// Whether a cluster is a class that compression changed, and not a part of a continuous range of values.
bool is_peak(const Cluster& cluster) {
  constexpr double kMinCore = 0.6, kMinFlat = 0.05;
  return share_of(cluster.core, cluster.pixels) >= kMinCore && share_of(cluster.flat, cluster.pixels) >= kMinFlat;
}

double nearest_peak(const std::vector<int64_t>& peaks, int64_t value) {
  double least = label_distance(peaks[0], value);
  for (const int64_t peak : peaks) least = std::min(least, label_distance(peak, value));
  return least;
}

bool are_apart(const std::vector<int64_t>& peaks, double distance) {
  for (size_t i = 0; i < peaks.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      if (label_distance(peaks[i], peaks[k]) <= 2 * distance) return false;
  return true;
}

std::optional<LabelPeaks> peaks_within(const LabelEvidence& evidence, double distance) {
  constexpr double kMinShare = 0.99;
  LabelPeaks peaks;
  peaks.distance = distance;
  ValueCounts remaining = evidence.counts;
  while (!remaining.empty() && share_of(peaks.pixels, evidence.pixels) < kMinShare) {
    const Cluster cluster = take_cluster(evidence, distance, remaining);
    if (!is_peak(cluster) || peaks.values.size() == kMaxPeaks) return std::nullopt;
    peaks.values.push_back(cluster.value);
    peaks.pixels += cluster.pixels;
  }
  std::sort(peaks.values.begin(), peaks.values.end());
  if (peaks.values.size() < 2 || !are_apart(peaks.values, distance)) return std::nullopt;
  for (const auto& [value, count] : evidence.counts)
    peaks.farthest = std::max(peaks.farthest, std::ceil(nearest_peak(peaks.values, value)));
  return peaks;
}

}  // namespace

std::optional<LabelPeaks> find_peaks(const LabelEvidence& evidence) {
  for (const double distance : {8.0, 16.0, 24.0, 32.0, 48.0})
    if (std::optional<LabelPeaks> peaks = peaks_within(evidence, distance)) return peaks;
  return std::nullopt;
}

std::optional<SoftEdges> find_soft_edges(const LabelEvidence& evidence) {
  constexpr int64_t kMinRange = 32;
  constexpr size_t kMinBetween = 3;
  constexpr double kMinShare = 0.6, kMaxFlat = 0.1;
  if (!evidence.is_measured || evidence.counts.size() < 2 + kMinBetween) return std::nullopt;
  std::vector<int64_t> ends = values_with_areas(evidence, 2);
  if (ends.size() < 2) return std::nullopt;
  SoftEdges edges;
  std::tie(edges.low, edges.high) = std::minmax(ends[0], ends[1]);
  const int64_t range = evidence.counts.rbegin()->first - evidence.counts.begin()->first;
  const int64_t near = std::max<int64_t>(1, range / 64), margin = range / 10;
  int64_t between = 0, flat = 0;
  for (const auto& [value, count] : evidence.counts) {
    if (std::min(std::abs(value - edges.low), std::abs(value - edges.high)) <= near) {
      edges.pixels += count;
      continue;
    }
    ++edges.between;
    between += count;
    flat += count_of(evidence.flat, value);
  }
  const bool are_ends =
      edges.low <= evidence.counts.begin()->first + margin && edges.high >= evidence.counts.rbegin()->first - margin;
  const bool is_soft = are_ends && edges.high - edges.low >= kMinRange && edges.between >= kMinBetween &&
                       share_of(edges.pixels, evidence.pixels) >= kMinShare && share_of(flat, between) <= kMaxFlat;
  return is_soft ? std::optional<SoftEdges>(edges) : std::nullopt;
}

std::vector<int64_t> values_with_areas(const LabelEvidence& evidence, size_t limit) {
  constexpr double kMinFlat = 0.05;
  std::vector<std::pair<int64_t, int64_t>> found;  // pixels, value
  for (const auto& [value, count] : evidence.counts)
    if (share_of(count_of(evidence.flat, value), count) >= kMinFlat) found.emplace_back(-count, value);
  std::sort(found.begin(), found.end());
  std::vector<int64_t> values;
  for (size_t i = 0; i < std::min(limit, found.size()); ++i) values.push_back(found[i].second);
  return values;
}

}  // namespace unet
