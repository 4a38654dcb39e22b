#include "data/dataset/scan_bands.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "configs/schema/error.h"
#include "data/dataset/content_hash.h"
#include "data/dataset/measure_sample.h"

namespace unet {
namespace {

/// Adds the label values and shapes of a band. Objects that several bands show count as several pieces.
void add_band_labels(const SampleScan& band, SampleScan& total) {
  for (const auto& [value, count] : band.value_counts) total.value_counts[value] += count;
  if (total.value_counts.size() > kMaxDistinctValues)
    fail(ErrorKind::data, "got a mask of over ", kMaxDistinctValues, " different values, expected class numbers");
  total.shapes.is_measured = total.shapes.is_measured || band.shapes.is_measured;
  // Bands of one or two values are not measured; their pixels count as flat, as those of such masks do.
  const ValueCounts& flat = band.shapes.is_measured ? band.shapes.flat : band.value_counts;
  for (const auto& [value, count] : flat) total.shapes.flat[value] += count;
  total.shapes.pieces += band.shapes.pieces;
  for (const auto& [value, shape] : band.shapes.borders) {
    BorderShape& border = total.shapes.borders[value];
    border.pixels += shape.pixels;
    border.thick += shape.thick;
    border.between += shape.between;
  }
}

/// Adds the objects of a band. Those that several bands show count in each of them.
void add_band_objects(const MaskObjects& band, MaskObjects& total) {
  total.is_measured = band.is_measured;
  total.objects.insert(total.objects.end(), band.objects.begin(), band.objects.end());
  total.has_too_many = total.has_too_many || band.has_too_many || total.objects.size() > kMaxObjectsPerMask;
  if (total.has_too_many) total.objects.clear();
  std::stable_sort(total.objects.begin(), total.objects.end(),
                   [](const LabelObject& a, const LabelObject& b) { return a.value < b.value; });
}

/// Returns a band in which near duplicates are looked for, smaller by a factor that suits images of many megapixels.
cv::Mat reduced_gray(const Image& band) {
  constexpr int kFactor = 16;
  const cv::Mat gray = comparable_gray(band);
  cv::Mat reduced;
  cv::resize(gray, reduced, {std::max(gray.cols / kFactor, 1), std::max(gray.rows / kFactor, 1)}, 0, 0, cv::INTER_AREA);
  return reduced;
}

/// Adds the intensity of a band that has valid pixels.
void add_band_intensity(const SampleScan& band, SampleScan& total) {
  if (total.sums.empty()) {
    total.sums = band.sums;
    total.square_sums = band.square_sums;
    total.lowest = band.lowest;
    total.highest = band.highest;
    return;
  }
  for (size_t c = 0; c < band.sums.size(); ++c) {
    total.sums[c] += band.sums[c];
    total.square_sums[c] += band.square_sums[c];
    total.lowest[c] = std::min(total.lowest[c], band.lowest[c]);
    total.highest[c] = std::max(total.highest[c], band.highest[c]);
  }
}

/// Returns the rows of a band, where possible a multiple of the usual heights of tiles.
int band_rows(const SampleRegions& files, int64_t whole_bytes) {
  constexpr int64_t kBands = 16, kTileRows = 256;  // 64 MiB with the usual limit
  const int64_t rows = whole_bytes / kBands / (files.bytes() / files.size().height + 1);
  return static_cast<int>(std::max(rows >= kTileRows ? rows / kTileRows * kTileRows : rows, int64_t{1}));
}

}  // namespace

SampleScan scan_bands(SampleRegions& files, int64_t whole_bytes, bool wants_objects) {
  SampleScan total, last;
  cv::Mat reduced;
  ContentHash image_hash, mask_hash;
  const int height = files.size().height, rows = band_rows(files, whole_bytes);
  for (int y = 0; y < height; y += rows) {
    const RawSample raw = files.read({0, y, files.size().width, std::min(rows, height - y)});
    SampleScan band;
    measure_sample(raw, wants_objects, band);
    image_hash.add(raw.image.pixels);
    mask_hash.add(raw.labels.values);
    reduced.push_back(reduced_gray(raw.image));
    add_band_labels(band, total);
    add_band_objects(band.objects, total.objects);
    total.invalid += band.invalid;
    if (band.invalid < static_cast<int64_t>(raw.image.pixels.total())) add_band_intensity(band, total);
    last = std::move(band);
  }
  if (total.sums.empty()) add_band_intensity(last, total);  // no pixel is valid
  if (!total.shapes.is_measured) total.shapes = {};
  total.size = files.size();
  total.channels = last.channels;
  total.has_alpha = last.has_alpha;
  total.bits = last.bits;
  total.palette = last.palette;
  total.is_lossy_mask = last.is_lossy_mask;
  total.fingerprint = fingerprint_of(reduced);
  total.image_hash = image_hash.value();
  total.mask_hash = mask_hash.value();
  return total;
}

}  // namespace unet
