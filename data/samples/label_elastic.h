#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Label-only elastic deformation (NSegment+): moves the labels of the mask by a few pixels, by the same field as
/// DenseElastic, and leaves the image as it is, so that the network does not learn the inaccuracy of drawn outlines.
/// Displacements start as 0 in the bounding boxes, widened by alpha / 2, of small connected areas, which would move too
/// far for their size. Unlike the paper, alpha and sigma are uniform in ranges rather than picked from lists.
/// Source: Kim et al. 2025, arXiv:2508.10383, after arXiv:2504.19634.
struct LabelElastic : JointAugmentation {
  Range alpha{1, 100};
  Range sigma{3, 10};
  int64_t min_area = 1000;
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

}  // namespace unet
