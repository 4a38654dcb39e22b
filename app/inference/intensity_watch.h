#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"

namespace unet {

/// Compares the intensity of images with that of the training images, over all images that it saw.
class IntensityWatch {
 public:
  /// `data` are the resolved options of the training and must outlive the watch.
  explicit IntensityWatch(const DataOptions& data) : data_(data) {}

  /// `image` comes from Preprocessing::load_image.
  void add(const cv::Mat& image);

  /// Returns what differs much, with numbers: the mean by more than 3 standard deviations, or the deviation by more
  /// than a factor of 4, in some channel. Nothing if the images are normalized by their own statistics.
  std::optional<std::string> warning() const;

 private:
  const DataOptions& data_;
  double pixels_ = 0;
  int64_t images_ = 0;
  std::vector<double> sums_, square_sums_;  ///< by channel
};

}  // namespace unet
