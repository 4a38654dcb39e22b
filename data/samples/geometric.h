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

/// Rotates by 0, 90, 180 or 270 degrees, equally likely; exact for square crops.
struct QuarterTurns : GeometricAugmentation {
  void compose(Warp& warp, Rng& rng) const override;
};

/// Rotates about the center of the crop.
struct Rotation : GeometricAugmentation {
  Rotation() { probability = 0.2; }
  Range degrees{-15, 15};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Zooms about the center of the crop. The factor is log-uniform, so that halving is as likely as doubling.
struct Scale : GeometricAugmentation {
  Scale() { probability = 0.2; }
  Range factor{0.8, 1.25};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Elastic deformation: normally distributed displacements at grid x grid control points, evenly spread over the crop,
/// with bicubic interpolation between them. The defaults are those of the U-Net paper.
/// Source: Ronneberger et al. 2015, arXiv:1505.04597, section 3.1.
struct Elastic : GeometricAugmentation {
  Range sigma{10, 10};
  int64_t grid = 3;
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

}  // namespace unet
