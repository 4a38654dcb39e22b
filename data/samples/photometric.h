#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Adds a constant, in units of `augment.intensity_unit`, to all pixel values.
struct Brightness : PhotometricAugmentation {
  Brightness() { probability = 0.15; }
  Range shift{-1, 1};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Scales the deviations from the mean of each channel of the image.
struct Contrast : PhotometricAugmentation {
  Contrast() { probability = 0.15; }
  Range factor{0.75, 1.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Raises pixel values to a power, within their range scaled to [0,1]; values below it, which earlier rows may leave,
/// count as 0.
struct Gamma : PhotometricAugmentation {
  Range gamma{0.7, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Gaussian blur.
struct Blur : PhotometricAugmentation {
  Range sigma{0.5, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Gaussian noise in units of `augment.intensity_unit`, independent per pixel and channel. After the blur, as in a
/// camera.
struct Noise : PhotometricAugmentation {
  Range sigma{0, 0.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

}  // namespace unet
