#pragma once

#include <torch/types.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/dataset/label_map.h"
#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"

namespace unet {

/// How files become what the network sees; the one path shared by training, validation, evaluation
/// and prediction. Built from resolved options.
class Preprocessing {
 public:
  /// Throws Error(config) where the options are not resolved or contradict each other.
  explicit Preprocessing(const DataOptions& options);

  int64_t channels() const { return channels_; }
  const LabelMap& labels() const { return labels_; }

  /// An image with the channels that the network takes (grey to RGB by copying, RGB to grey by luma,
  /// alpha dropped or added as opaque), at its own size and depth. Throws as `read_image`.
  cv::Mat load_image(const std::string& path) const;

  /// Image and mask, class indices, at their own size. Throws Error(data) when sizes differ or a mask
  /// value is unknown.
  Sample load(const Pair& pair) const;

  /// The size at which the network sees an image of this size as a whole: `size` under `resize`, else its own.
  cv::Size network_size(cv::Size image) const;

  /// To (1,C,H,W) float, resized to `network_size` where that differs (area when shrinking, else linear), normalised.
  torch::Tensor to_tensor(const cv::Mat& image) const;

  /// Scales 8- or 16-bit values to float in [0,1]; float passes through.
  static cv::Mat to_float(const cv::Mat& image);

  /// Float HxWxC in [0,1] -> normalised planes written to `out`, C*H*W floats (CHW).
  void normalise_into(const cv::Mat& image, float* out) const;

 private:
  int64_t channels_;
  bool resize_;
  cv::Size size_;
  std::vector<float> scale_, shift_;  ///< normalised = value * scale + shift, by channel
  LabelMap labels_;
};

/// A sample at another size: the mask by nearest neighbour, the image by area when it shrinks in both
/// directions, else bilinear.
Sample resized(const Sample& sample, cv::Size size);

}  // namespace unet
