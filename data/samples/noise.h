#pragma once

#include "data/samples/augmentation.h"

namespace unet {

// All noise is independent per pixel and channel.

/// Gaussian noise in units of `augment.intensity_unit`. After the blur, as in a camera.
struct Noise : PhotometricAugmentation {
  Range sigma{0, 0.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Photon noise: values above the lowest of their channel's range are Poisson distributed photon counts, so the
/// variance of the noise is proportional to them.
struct PoissonNoise : PhotometricAugmentation {
  Range sigma{0.05, 0.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Multiplies values by Gaussian numbers around 1, as the speckle of ultrasound and radar: the standard deviation of
/// the noise is proportional to the value above the lowest of its channel's range.
struct SpeckleNoise : PhotometricAugmentation {
  Range sigma{0.05, 0.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Returns a Poisson distributed number of this mean, where `normal` is a normally distributed one; the mean itself if
/// it is not above 0. Inversion by sequential search (Devroye 1986, chapter X.3); above a mean of 20, the normal
/// approximation.
double poisson_number(double mean, double normal);

}  // namespace unet
