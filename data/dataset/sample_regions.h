#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <utility>

#include "data/dataset/read_sample.h"
#include "data/images/region_reader.h"

namespace unet {

/// Size in bytes, when decoded, from which a sample is read by region where its files allow that, regardless of the
/// memory.
inline constexpr int64_t kLargeSampleBytes = int64_t{1} << 30;

/// Whether a sample of this size can be decoded as a whole. `bytes` is its size when decoded, mask included.
inline bool can_be_whole(int64_t pixels, int64_t bytes) { return pixels <= kMaxPixels && bytes <= kMaxDecodedBytes; }

/// The same for an image of this size and format, with a byte per pixel for its mask.
inline bool can_be_whole(cv::Size size, int channels, int bits) {
  const int64_t pixels = int64_t{size.width} * size.height;
  return can_be_whole(pixels, pixels * (channels * bits / 8 + 1));
}

/// Reads rectangles of a sample without holding the rest of it. Not for several threads at once.
class SampleRegions : private FileReading {
 public:
  /// Returns null for a sample of less than `min_bytes`, and where image or labels can only be read whole, or not at
  /// all; see RegionReader::open. `sample` must outlive the result.
  static std::unique_ptr<SampleRegions> open(const SampleRef& sample, int64_t min_bytes = 0);

  cv::Size size() const { return size_; }
  int64_t pixels() const { return int64_t{size_.width} * size_.height; }
  int channels() const { return channels_; }
  int depth() const { return depth_; }  ///< of the image

  /// Number of bytes that the decoded sample would take, mask included.
  int64_t bytes() const { return pixels() * (channels_ * int64_t{CV_ELEM_SIZE1(depth_)} + 1); }

  /// Returns what `read_sample` returns within a rectangle. Throws Error(data), Error(io).
  RawSample read(const cv::Rect& part);

 private:
  explicit SampleRegions(const SampleRef& sample) : sample_(sample) {}

  bool open_image(int64_t min_bytes);
  bool open_labels();
  RegionReader* open_file(const std::string& path, int page);
  Image image(const std::string& path, int page) override;
  Mask mask(const std::string& path, int page, const MaskReading& reading) override;

  const SampleRef& sample_;
  std::map<std::pair<std::string, int>, std::unique_ptr<RegionReader>> files_;
  cv::Size size_;
  int channels_ = 0;
  int depth_ = CV_8U;
  cv::Rect part_;  ///< that is being read
};

}  // namespace unet
