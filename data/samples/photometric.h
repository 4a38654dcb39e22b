#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Adds a constant to every value.
struct Brightness : PhotometricAugmentation {
  Brightness() { probability = 0.15; }
  Range shift{-0.2, 0.2};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

/// Multiplies the distances from each channel's mean over the image.
struct Contrast : PhotometricAugmentation {
  Contrast() { probability = 0.15; }
  Range factor{0.75, 1.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

/// Raises every value to a power; negative values, from earlier rows, count as zero.
struct Gamma : PhotometricAugmentation {
  Range gamma{0.7, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

/// Gaussian blur.
struct Blur : PhotometricAugmentation {
  Range sigma{0.5, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

/// Gaussian noise, independent for each pixel and channel. After the blur, as in a camera.
struct Noise : PhotometricAugmentation {
  Range sigma{0, 0.05};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

}  // namespace unet
