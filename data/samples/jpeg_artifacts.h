#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Compresses the image as JPEG and decodes it. The values from the smallest to the largest of the image become the 256
/// of a JPEG file, and are scaled back afterwards, so artifacts are as strong relative to a dim image of 16 bits as to
/// a bright one of 8. Of 3 or 4 channels, the first three are colors with shared chroma (4:2:0); every other channel is
/// compressed alone, from its own smallest to largest value.
struct JpegArtifacts : PhotometricAugmentation {
  Range quality{20, 80};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

}  // namespace unet
