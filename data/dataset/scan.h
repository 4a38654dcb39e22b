#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample_ref.h"
#include "data/dataset/sample_regions.h"
#include "data/dataset/sample_scan.h"
#include "data/dataset/scan_cache.h"

namespace unet {

/// Contents of a data set, measured in one pass. All lists except `problems` have one element per sample, which is
/// empty or zero for an unusable sample.
struct DataScan {
  std::vector<Finding> problems;  ///< why samples are unusable, in the order of the samples
  std::vector<bool> usable;
  std::vector<ValueCounts> value_counts;              ///< stored label values
  std::vector<MaskShapes> shapes;                     ///< of the label values
  std::vector<MaskObjects> objects;                   ///< of the label values; measured only if they are wanted
  std::vector<std::optional<AlphaMask>> alpha_masks;  ///< of the masks that are unusable for their transparency
  std::vector<cv::Size> sizes;
  std::vector<int> channels;                     ///< alpha included
  std::vector<bool> has_alpha;                   ///< whether the last channel is alpha
  std::vector<int> bits;                         ///< per channel: 8, 16 or, for numbers taken as they are, 32
  std::vector<int64_t> invalid;                  ///< pixels without a value
  std::vector<std::string> converted;            ///< color model that was converted to RGB; "": none
  std::vector<std::vector<cv::Vec3b>> palettes;  ///< RGB by label value; empty if the mask has no palette
  std::vector<bool> lossy_masks;                 ///< whether compression changed label values
  std::vector<MaskRotation> rotations;           ///< of the masks relative to their images
  /// Hashes of the decoded pixels, their size and their type.
  std::vector<uint64_t> image_hashes, mask_hashes;
  std::vector<Fingerprint> fingerprints;  ///< of the images, by which near duplicates are found
  /// Statistics of the valid pixels, of values scaled to [0,1] (32 bits: as they are): of each channel, then of RGB(A)
  /// images converted to gray.
  std::vector<std::vector<double>> sums, square_sums, lowest, highest;

  ScanCacheUse cache;  ///< how many of the samples were not read again
};

/// How a data set is scanned.
struct ScanOptions {
  int threads = 1;
  /// Called with the number of samples done and in total, from any thread, one call at a time. May be empty.
  std::function<void(size_t done, size_t total)> progress{};
  /// Called before each sample, from any thread; returning true stops the scan. May be empty.
  std::function<bool()> stop{};
  bool objects = false;  ///< whether to measure the objects of the masks, which a training does not need
  ScanCacheOptions cache{};
  /// Samples that take more when they are decoded are scanned in bands of rows, where their files allow it.
  int64_t whole_bytes = kLargeSampleBytes;
  /// Whether samples may be too large to be decoded as a whole, because a training reads regions of them.
  bool trains_on_regions = false;
};

/// Reads every sample once, except those whose scan is in the cache, and checks that image and labels decode and have
/// equal sizes. Throws Error(interrupted) if `stop` returned true.
DataScan scan_samples(const std::vector<SampleRef>& samples, const ScanOptions& options = {});

/// Counts the pixels of each class over the samples marked in `which`.
std::vector<int64_t> class_pixels(const DataOptions& options, const DataScan& scan, const std::vector<bool>& which);

}  // namespace unet
