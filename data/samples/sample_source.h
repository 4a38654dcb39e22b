#pragma once

#include <opencv2/core.hpp>
#include <utility>
#include <vector>

#include "data/dataset/sample.h"

namespace unet {

/// A sample from which rectangles are taken: one in memory, or one that is read from its files by region.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual cv::Size size() const = 0;

  /// Returns the pixels of a rectangle within the sample, without statistics. They may belong to the source: callers
  /// must not write to them. Throws as reading the files does.
  virtual Sample region(const cv::Rect& part) const = 0;

  /// Statistics of the whole image, if it is normalized by them; else empty.
  virtual std::vector<ChannelStatistics> statistics() const { return {}; }
};

/// A sample in memory.
class DecodedSample : public SampleSource {
 public:
  explicit DecodedSample(Sample sample) : sample_(std::move(sample)) {}
  cv::Size size() const override { return sample_.image.size(); }
  Sample region(const cv::Rect& part) const override { return {sample_.image(part), sample_.mask(part)}; }
  std::vector<ChannelStatistics> statistics() const override { return sample_.statistics; }

 private:
  Sample sample_;
};

}  // namespace unet
