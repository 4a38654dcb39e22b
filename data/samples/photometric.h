#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// A constant added to every value.
struct Brightness : PhotometricAugmentation {
  Brightness() { probability = 0.15; }
  Range shift{-0.2, 0.2};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

/// Distances from each channel's mean over the image multiplied by a factor.
struct Contrast : PhotometricAugmentation {
  Contrast() { probability = 0.15; }
  Range factor{0.75, 1.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

/// Every value raised to a power; those below zero (from the rows before) count as zero.
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

/// Normal noise, independent for each pixel and channel. After the blur: a camera's order.
struct Noise : PhotometricAugmentation {
  Range sigma{0, 0.05};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, Rng& rng) const override;
};

}  // namespace unet
