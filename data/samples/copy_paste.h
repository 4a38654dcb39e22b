#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Pastes objects of another sample at random places. An object is a connected component (8 neighbors) of a class other
/// than 0; its class is drawn first, each of those in the other sample equally likely. An object that an edge of the
/// other crop cuts stays at that edge. The object's own pixels are pasted as they are, with their labels; around it,
/// the image changes from the old surroundings to the new ones by a Gaussian, and keeps its labels. Where these are of
/// another class, the old ones are less than half of a pixel.
/// Source: Ghiasi et al. 2021, arXiv:2012.07177, whose alpha also fades inside the object, which would leave less than
/// half of a thin one; drawing classes first: arXiv:2404.05693.
struct CopyPaste : JointAugmentation {
  Range count{1, 4};
  Range area{0.0005, 0.25};
  bool join_classes = false;
  Range sigma{0.5, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(Sample& sample, const OtherSamples& others, Rng& rng) const override;
};

}  // namespace unet
