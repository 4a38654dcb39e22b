#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Cuts a region of random area and aspect ratio at a random place of the crop (around it, if it is larger), and
/// resizes it to the crop. Where image and crop have equal sizes, it is RandomResizedCrop of torchvision. A region
/// larger than the image is cut to it, and one that reaches beyond it is moved inside. Stands first in the table,
/// because it chooses the region of the source. Source: Szegedy et al. 2015, arXiv:1409.4842, section 6.
struct RandomResizedCrop : GeometricAugmentation {
  Range area{0.5, 1};
  Range ratio{0.75, 1.33};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

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

/// Shears along x, then along y, about the center of the crop; areas stay the same.
struct Shear : GeometricAugmentation {
  Range degrees{-10, 10};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Moves the content of the crop. What comes in is read from the image, where it has more than the crop.
struct Translation : GeometricAugmentation {
  Range shift{-0.1, 0.1};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Moves each corner of the crop by itself, as if the camera had turned: a homography.
struct Perspective : GeometricAugmentation {
  Range distortion{0, 0.1};
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
