#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Contrast limited adaptive histogram equalization. Each tile has a histogram of 256 bins from the smallest to the
/// largest value of the image; between bins and tiles, the equalized values are interpolated, so images of more than 8
/// bits stay smooth. Of 3 or 4 channels, the luma of the first three is equalized and its change added to them; every
/// other channel is equalized alone.
/// Source: Zuiderveld 1994, Graphics Gems IV.
struct Clahe : PhotometricAugmentation {
  Range clip_limit{1, 4};
  int64_t grid = 8;
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

}  // namespace unet
