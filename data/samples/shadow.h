#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Darkens a random half-plane or, as often, a convex polygon: values lose a share of what they are above the lowest of
/// their channel's range.
struct Shadow : PhotometricAugmentation {
  Range strength{0.2, 0.6};
  Range edge{0.02, 0.2};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

}  // namespace unet
