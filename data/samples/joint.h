#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Fills rectangles with the mean color of the image. Each has a random center, so it may extend beyond the image.
/// Source: DeVries & Taylor 2017, arXiv:1708.04552.
struct Cutout : JointAugmentation {
  int64_t count = 1;
  Range size{0.1, 0.3};
  bool ignore_labels = false;
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

}  // namespace unet
