#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "configs/schema/options.h"
#include "data/dataset/sample.h"
#include "data/samples/rng.h"

namespace unet {

/// Where each output pixel is taken from: source = centre + linear * (output - output centre + displacement).
/// Pixel centres are at whole numbers. As the displacement is applied first, it stays in output pixels
/// whatever linear steps are composed before or after it.
struct Warp {
  cv::Size output;     ///< of the crop, pixels
  cv::Point2d centre;  ///< in the source, pixels
  cv::Matx22d linear = cv::Matx22d::eye();
  cv::Mat displacement;  ///< CV_32FC2 of the output's size, pixels; empty: none
};

/// An augmentation with its probability; derived rows list their own options after it.
class Augmentation : public Options {
 public:
  double probability = 0;
  void fields(FieldVisitor& visit) override;
};

/// Changes where pixels come from. Steps are composed, so that a sample is interpolated once.
class GeometricAugmentation : public Augmentation {
 public:
  virtual void compose(Warp& warp, Rng& rng) const = 0;
};

/// Changes the values of an image: float HxWxC in [0,1], in place, all channels alike; the mask stays.
/// Results may leave [0,1]: `augment` clips once, after the last row.
class PhotometricAugmentation : public Augmentation {
 public:
  virtual void apply(cv::Mat& image, Rng& rng) const = 0;
};

const Registry<GeometricAugmentation>& geometric_augmentations();
const Registry<PhotometricAugmentation>& photometric_augmentations();

/// The `augment` section: every row of both tables, by name, applied in the order of the tables.
struct AugmentOptions : Options {
  AugmentOptions();
  void fields(FieldVisitor& visit) override;

  std::vector<std::pair<std::string, Polymorphic<GeometricAugmentation>>> geometric;
  std::vector<std::pair<std::string, Polymorphic<PhotometricAugmentation>>> photometric;
};

/// A training sample of `output` size cut from `sample`: a crop at a random place, the geometric rows
/// composed into one warp, then the photometric rows. A side that is shorter than the output's is
/// centred. Image: float in [0,1], mirrored outside the source; mask: nearest, kIgnoreLabel outside.
/// The same arguments give the same result, and each row draws from a generator of its own, so that
/// switching one on leaves the numbers of the others as they were. `sample` is never changed.
Sample augment(const AugmentOptions& options, const Sample& sample, cv::Size output, uint64_t seed, int64_t epoch,
               int64_t position);

/// `sample` seen through `warp`, at the image's own depth. Exact, without interpolation, where pixels
/// fall on pixels: whole shifts, flips and quarter turns. Shares no memory with `sample`.
Sample apply_warp(const Warp& warp, const Sample& sample);

}  // namespace unet
