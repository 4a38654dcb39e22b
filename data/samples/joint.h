#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Rectangles filled with the image's mean color. Each has a random center, so that it may reach beyond the image.
/// Source: DeVries & Taylor 2017, arXiv:1708.04552.
struct Cutout : JointAugmentation {
  int64_t count = 1;
  Range size{0.1, 0.3};
  bool ignore_labels = false;
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

}  // namespace unet
