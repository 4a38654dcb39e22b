#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "data/samples/augmentation.h"

namespace unet {

/// Options with this probability for every augmentation.
inline AugmentOptions augmentation_with(double probability) {
  AugmentOptions options;
  for (auto& row : options.geometric) row.second->probability = probability;
  for (auto& row : options.joint) row.second->probability = probability;
  for (auto& row : options.photometric) row.second->probability = probability;
  return options;
}

inline AugmentOptions no_augmentation() { return augmentation_with(0); }
inline AugmentOptions full_augmentation() { return augmentation_with(1); }

/// Options in which exactly the augmentations in `names` are on, with probability 1.
inline AugmentOptions enable_only(const std::vector<std::string>& names) {
  AugmentOptions options = no_augmentation();
  const auto wanted = [&names](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (auto& [name, row] : options.geometric) row->probability = wanted(name);
  for (auto& [name, row] : options.joint) row->probability = wanted(name);
  for (auto& [name, row] : options.photometric) row->probability = wanted(name);
  return options;
}

/// Finds the augmentation `name` and casts it to its type.
template <class Row>
Row& row_of(AugmentOptions& options, const std::string& name) {
  for (auto& [row_name, row] : options.geometric)
    if (row_name == name) return dynamic_cast<Row&>(static_cast<Options&>(*row));
  for (auto& [row_name, row] : options.joint)
    if (row_name == name) return dynamic_cast<Row&>(static_cast<Options&>(*row));
  for (auto& [row_name, row] : options.photometric)
    if (row_name == name) return dynamic_cast<Row&>(static_cast<Options&>(*row));
  throw std::runtime_error("no augmentation " + name);
}

/// A training with a single sample, of which every other sample is a crop.
class OtherCrops : public OtherSamples {
 public:
  OtherCrops(const Sample& sample, cv::Size output) : sample_(sample), output_(output) {}
  Sample draw(Rng& rng) const override {
    return augment_geometry(no_augmentation(), sample_, output_, rng.bits(), 0, 0);
  }

 private:
  const Sample& sample_;
  cv::Size output_;
};

/// Other samples in the order in which they are drawn; after the last comes the first.
class GivenSamples : public OtherSamples {
 public:
  explicit GivenSamples(std::vector<Sample> samples) : samples_(std::move(samples)) {}
  Sample draw(Rng& rng) const override {
    rng.bits();
    const Sample& next = samples_[static_cast<size_t>(drawn_++) % samples_.size()];
    return {next.image.clone(), next.mask.clone()};
  }
  int drawn() const { return drawn_; }

 private:
  std::vector<Sample> samples_;
  mutable int drawn_ = 0;
};

/// Augments a sample of a training that has no other.
inline Sample augment(const AugmentOptions& options, const Sample& sample, cv::Size output, uint64_t seed,
                      int64_t epoch, int64_t position, const IntensityScale& scale = {}) {
  return augment(options, sample, output, seed, epoch, position, OtherCrops(sample, output), scale);
}

/// Random 16-bit image with a random mask of classes 0 to 3.
inline Sample random_sample(int height, int width, int channels = 3) {
  cv::RNG random(17);
  Sample sample{cv::Mat(height, width, CV_16UC(channels)), cv::Mat(height, width, CV_8UC1)};
  random.fill(sample.image, cv::RNG::UNIFORM, 0, 65536);
  random.fill(sample.mask, cv::RNG::UNIFORM, 0, 4);
  return sample;
}

/// Smooth float image whose values stay away from 0 and 1, so that small changes are not clipped.
inline Sample smooth_sample(int height, int width, int channels) {
  Sample sample = random_sample(height, width, channels);
  sample.image.convertTo(sample.image, CV_32F, 0.4 / 65535, 0.3);
  cv::GaussianBlur(sample.image, sample.image, {}, 1.5);
  return sample;
}

inline cv::Mat as_float(const cv::Mat& image) {
  cv::Mat result;
  image.convertTo(result, CV_32F, image.depth() == CV_16U ? 1 / 65535.0 : image.depth() == CV_8U ? 1 / 255.0 : 1);
  return result;
}

inline double difference(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF); }

/// Expects samples that are equal up to the rounding of 16-bit values to float.
inline void expect_same(const Sample& got, const Sample& expected) {
  ASSERT_EQ(got.image.size(), expected.image.size());
  EXPECT_LT(difference(got.image, as_float(expected.image)), 1e-6);
  EXPECT_EQ(difference(got.mask, expected.mask), 0);
}

}  // namespace unet
