#pragma once

#include "data/samples/augmentation.h"

namespace unet {

// Luma is Rec. 601: 0.299 R + 0.587 G + 0.114 B. A fourth channel has no color: hue and saturation keep it, while
// shuffle and drop treat it as every other.

/// Rotates colors about the gray axis, in the plane of the color differences U and V. Grays and the luma of every color
/// stay; positive angles turn red to yellow.
struct Hue : PhotometricAugmentation {
  Range degrees{-20, 20};
  Limits channels() const override { return in_range(3, 4); }
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Scales the difference of each color from its luma.
struct Saturation : PhotometricAugmentation {
  Range factor{0.5, 1.5};
  Limits channels() const override { return in_range(3, 4); }
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Puts the channels into another order, equally likely all but the present one. Values move from the range of one
/// channel to that of the other.
struct ChannelShuffle : PhotometricAugmentation {
  Limits channels() const override { return at_least(2); }
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Fills random channels with their mean; at least one is kept.
struct ChannelDrop : PhotometricAugmentation {
  int64_t count = 1;
  Limits channels() const override { return at_least(2); }
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

}  // namespace unet
