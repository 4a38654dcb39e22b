#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Gaussian blur.
struct Blur : PhotometricAugmentation {
  Range sigma{0.5, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Unsharp mask: adds a multiple of the difference from the blurred image.
struct Sharpen : PhotometricAugmentation {
  Range amount{0.3, 1.5};
  Range sigma{0.5, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Shrinks the image by averaging and enlarges it again by bilinear interpolation.
struct LowResolution : PhotometricAugmentation {
  Range factor{0.4, 0.8};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

}  // namespace unet
