#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Replaces each quadrant around a random center by that of another sample, but one. The parts keep their place in the
/// crop and their scale. Source: Bochkovskiy et al. 2020, arXiv:2004.10934.
struct Mosaic : JointAugmentation {
  Range center{0.25, 0.75};
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

/// Replaces a rectangle by the same rectangle of another sample. Source: Yun et al. 2019, arXiv:1905.04899; for
/// segmentation French et al. 2020, arXiv:1906.01916.
struct CutMix : JointAugmentation {
  Range area{0.1, 0.5};
  Range aspect{0.5, 2};
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

/// Blends another sample into the image: lambda * own + (1 - lambda) * other. A mask holds one class for each pixel, so
/// the mask stays, and of the loss lambda * CE(own class) + (1 - lambda) * CE(other class) the first term remains: a
/// pixel of another or no class in the other sample gets the weight lambda.
/// Source: Zhang et al. 2018, arXiv:1710.09412.
struct Mixup : JointAugmentation {
  Range lambda{0.6, 0.9};
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
  bool weighs_pixels() const override { return true; }
};

/// Fills rectangles with the mean color of the image. Each has a random center, so it may extend beyond the image.
/// Source: DeVries & Taylor 2017, arXiv:1708.04552.
struct Cutout : JointAugmentation {
  int64_t count = 1;
  Range size{0.1, 0.3};
  bool ignore_labels = false;
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

/// Fills a random number of small rectangles, as Cutout does with few large ones; a row of its own so that a config can
/// have both.
struct CoarseDropout : JointAugmentation {
  Range count{8, 24};
  Range size{0.02, 0.08};
  bool ignore_labels = false;
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

/// Returns one of the whole numbers in `range`, equally likely; the first one above it if there is none.
int64_t whole_number_in(const Range& range, Rng& rng);

}  // namespace unet
