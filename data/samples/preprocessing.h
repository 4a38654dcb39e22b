#pragma once

#include <torch/types.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/label_map.h"
#include "data/dataset/normalization.h"
#include "data/dataset/read_sample.h"
#include "data/dataset/sample.h"
#include "data/dataset/sample_ref.h"
#include "data/images/image_io.h"

namespace unet {

/// Turns stored images into network inputs, in the same way for training, validation, evaluation and prediction.
class Preprocessing {
 public:
  /// Takes resolved options. Throws Error(config) if they are not resolved or contradict each other.
  explicit Preprocessing(const DataOptions& options);

  int64_t channels() const { return channels_; }
  const LabelMap& labels() const { return labels_; }

  /// Uses these stored channels (see convert_channels) instead of converting colors. Throws Error(usage) for another
  /// number than in training.
  void select_channels(std::vector<int64_t> selection);

  /// Reads an image and gives it the channels that the network expects (see convert_channels), at its own size and
  /// depth. Pixels without a value get the mean of the training images, or of the image if it is normalized by its own.
  /// Throws as `read_image` does, and Error(data) for other channels.
  cv::Mat load_image(const ImageSource& source) const;

  /// Reads an image and its mask of class indices, at their own size; pixels without a value are ignored. Throws
  /// Error(data) if sizes differ or a mask value is unknown.
  Sample load(const SampleRef& ref) const;

  /// Gives a sample as it is stored, or a rectangle of one, the channels and classes of the training, as `load` does.
  Sample to_sample(const RawSample& raw, const SampleRef& ref) const;

  /// Returns the size at which the network sees an image that is not cropped: `data.size` under `resize`, else its own.
  cv::Size network_size(cv::Size image) const;

  /// Converts to (1,C,H,W) float, resized to `network_size` (area when shrinking, else linear) and normalized.
  torch::Tensor to_tensor(const cv::Mat& image) const;

  /// Returns the statistics that this image is normalized by if they are its own; else nothing.
  std::vector<ChannelStatistics> own_statistics(const cv::Mat& image) const;

  /// Scales 8- or 16-bit values to float in [0,1]; float is returned as it is.
  static cv::Mat to_float(const cv::Mat& image);

  /// Normalizes a float HxWxC image and writes its planes to `out`, C*H*W floats (CHW). `own` comes from
  /// `own_statistics`.
  void normalize_into(const cv::Mat& image, float* out, const std::vector<ChannelStatistics>& own = {}) const;

 private:
  cv::Mat with_channels(const Image& image, const std::string& place) const;
  void fill_invalid(cv::Mat& pixels, const cv::Mat& invalid) const;

  int64_t channels_;
  FourthChannel fourth_channel_;
  std::vector<int64_t> selection_;
  bool resize_;
  cv::Size size_;
  std::vector<double> mean_;  ///< of the training images, by channel
  Normalization normalization_;
  std::vector<float> scale_, shift_;  ///< normalized = value * scale + shift, by channel
  LabelMap labels_;
};

/// Resizes a sample: the mask by nearest neighbor, the image by area when it shrinks in both directions, else bilinear.
Sample resized(const Sample& sample, cv::Size size);

}  // namespace unet
