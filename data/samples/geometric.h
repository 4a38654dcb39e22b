#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Mirrors left and right.
struct HorizontalFlip : GeometricAugmentation {
  HorizontalFlip() { probability = 0.5; }
  void compose(Warp& warp, Rng& rng) const override;
};

/// Mirrors top and bottom.
struct VerticalFlip : GeometricAugmentation {
  void compose(Warp& warp, Rng& rng) const override;
};

/// Zero to three quarter turns with equal probabilities; exact for square crops.
struct QuarterTurns : GeometricAugmentation {
  void compose(Warp& warp, Rng& rng) const override;
};

/// Rotates about the crop's center.
struct Rotation : GeometricAugmentation {
  Rotation() { probability = 0.2; }
  Range degrees{-15, 15};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Scales objects about the crop's center; factors are uniform in their logarithm, so that halving is as likely as
/// doubling.
struct Scale : GeometricAugmentation {
  Scale() { probability = 0.2; }
  Range factor{0.8, 1.25};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Smooth deformation: normally distributed displacements at grid x grid control points, evenly spread over the crop,
/// with bicubic interpolation between them. The defaults are those of the paper.
/// Source: Ronneberger et al. 2015, arXiv:1505.04597, section 3.1.
struct Elastic : GeometricAugmentation {
  Range sigma{10, 10};
  int64_t grid = 3;
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

}  // namespace unet
