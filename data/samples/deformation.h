#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Elastic deformation by a dense field: independent displacements of each pixel, uniform in [-1,1), smoothed by a
/// Gaussian of deviation sigma and multiplied by alpha. Their standard deviation is about 0.163 * alpha / sigma pixels.
/// Source: Simard et al. 2003, doi:10.1109/ICDAR.2003.1227801, section 2.
struct DenseElastic : GeometricAugmentation {
  Range alpha{50, 150};
  Range sigma{8, 12};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Grid distortion: divides the crop into cells x cells, and stretches or squeezes each column and each row of the grid
/// by a random factor. The border of the crop stays in place.
struct GridDistortion : GeometricAugmentation {
  int64_t cells = 5;
  Range stretch{-0.3, 0.3};
  void fields(FieldVisitor& visit) override;
  void compose(Warp& warp, Rng& rng) const override;
};

/// Returns a field of independent displacements, uniform in [-1,1), CV_32FC2.
cv::Mat uniform_field(cv::Size size, Rng& rng);

/// Smooths a field by a Gaussian of deviation `sigma` pixels and multiplies it by `alpha`, in place.
void smooth_field(cv::Mat& field, double alpha, double sigma);

}  // namespace unet
