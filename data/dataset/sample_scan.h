#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset/finding.h"
#include "data/dataset/label_objects.h"
#include "data/dataset/label_shapes.h"
#include "data/dataset/label_values.h"
#include "data/dataset/near_duplicates.h"
#include "data/dataset/read_sample.h"

namespace unet {

/// A mask file whose transparency keeps its colors from being read as labels.
struct AlphaMask {
  std::vector<double> color;  ///< of all pixels, by channel; empty if it varies
  ValueCounts counts;         ///< pixels by alpha
};

/// Contents of one sample; `DataScan` documents the fields. A new field needs its place in `visit_fields`
/// (sample_scan.cpp), which does not compile without it, so that the cache of scans has it.
struct SampleScan {
  std::vector<Finding> problems;  ///< none for a usable sample
  ValueCounts value_counts;
  MaskShapes shapes;
  MaskObjects objects;
  std::optional<AlphaMask> alpha_mask;
  cv::Size size;
  int channels = 0;
  bool has_alpha = false;
  int bits = 0;
  int64_t invalid = 0;
  std::string converted;
  std::vector<cv::Vec3b> palette;
  bool is_lossy_mask = false;
  MaskRotation rotation = MaskRotation::equal;
  uint64_t image_hash = 0, mask_hash = 0;
  Fingerprint fingerprint;
  std::vector<double> sums, square_sums, lowest, highest;
};

/// Returns the bytes from which `sample_scan_from` makes an equal scan of a usable sample.
std::string to_bytes(const SampleScan& scan);

/// Throws Error(data) if these are not the bytes of a scan.
SampleScan sample_scan_from(std::string_view bytes);

}  // namespace unet
