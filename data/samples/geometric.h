#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Left and right exchanged.
struct HorizontalFlip : GeometricAugmentation {
  HorizontalFlip() { probability = 0.5; }
  void compose(Warp& warp, Rng& rng) const override;
};

/// Top and bottom exchanged.
struct VerticalFlip : GeometricAugmentation {
  void compose(Warp& warp, Rng& rng) const override;
};

/// None to three quarter turns, each as likely; exact for square crops.
struct QuarterTurns : GeometricAugmentation {
  void compose(Warp& warp, Rng& rng) const override;
};

/// A turn about the crop's centre.
struct Rotation : GeometricAugmentation {
  Rotation() { probability = 0.2; }
  Range degrees{-15, 15};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Objects enlarged or made smaller about the crop's centre; factors are uniform in their logarithm,
/// so that halving is as likely as doubling.
struct Scale : GeometricAugmentation {
  Scale() { probability = 0.2; }
  Range factor{0.8, 1.25};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Smooth deformation: normal displacements at grid x grid control points, evenly spread over the crop,
/// with bicubic interpolation between them. The defaults are the published ones.
/// Source: Ronneberger et al. 2015, arXiv:1505.04597, section 3.1.
struct Elastic : GeometricAugmentation {
  Range sigma{10, 10};
  int64_t grid = 3;
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

}  // namespace unet
