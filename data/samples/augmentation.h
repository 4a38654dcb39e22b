#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "configs/schema/options.h"
#include "data/dataset/sample.h"
#include "data/samples/rng.h"

namespace unet {

/// A map from output pixels to source positions: source = center + linear * (output - output center + displacement).
/// Pixel centers have integer coordinates. The displacement is applied first, so it is in output pixels whatever linear
/// steps are composed before or after it.
struct Warp {
  cv::Size output;     ///< size of the crop, pixels
  cv::Point2d center;  ///< in the source, pixels
  cv::Matx22d linear = cv::Matx22d::eye();
  cv::Mat displacement;  ///< CV_32FC2 of the output's size, pixels; empty: none
};

/// An augmentation with its probability; derived rows list their own options after it.
class Augmentation : public Options {
 public:
  double probability = 0;
  void fields(FieldVisitor& visit) override;
};

/// Moves pixels. All rows are composed into one warp, so that a sample is interpolated only once.
class GeometricAugmentation : public Augmentation {
 public:
  virtual void compose(Warp& warp, Rng& rng) const = 0;
};

/// Training samples other than the one being augmented.
class OtherSamples {
 public:
  virtual ~OtherSamples() = default;
  /// Returns another sample of the same crop size, after geometric augmentation of its own: image float HxWxC in [0,1].
  /// `rng` decides which one and how, so equal generators give equal samples. The caller may write to it.
  virtual Sample draw(Rng& rng) const = 0;
};

/// Changes image and mask together, and may take pixels from other samples (cutout, copy-paste, CutMix).
class JointAugmentation : public Augmentation {
 public:
  /// Changes `sample` in place: image float HxWxC in [0,1], mask HxW class index or kIgnoreLabel.
  virtual void apply(Sample& sample, const OtherSamples& others, Rng& rng) const = 0;
};

/// Changes the values of an image, float HxWxC in [0,1], in place and in all channels alike; the mask is unchanged.
/// Results may leave [0,1]: `augment` clips once, after the last row.
class PhotometricAugmentation : public Augmentation {
 public:
  virtual void apply(cv::Mat& image, Rng& rng) const = 0;
};

const Registry<GeometricAugmentation>& geometric_augmentations();
const Registry<JointAugmentation>& joint_augmentations();
const Registry<PhotometricAugmentation>& photometric_augmentations();

/// The `augment` section: every row of the three tables, by name, applied in the order of the tables.
struct AugmentOptions : Options {
  AugmentOptions();
  void fields(FieldVisitor& visit) override;

  std::vector<std::pair<std::string, Polymorphic<GeometricAugmentation>>> geometric;
  std::vector<std::pair<std::string, Polymorphic<JointAugmentation>>> joint;
  std::vector<std::pair<std::string, Polymorphic<PhotometricAugmentation>>> photometric;
};

/// Makes a training sample of `output` size from `sample`: a crop at a random position, the geometric rows composed
/// into one warp, then the joint rows, then the photometric rows. An image smaller than the output is centered.
/// Image: float in [0,1], mirrored outside the source; mask: nearest neighbor, kIgnoreLabel outside. Equal arguments
/// give equal results, and each row has its own generator, so switching one on does not change the numbers of the
/// others. `sample` is never changed.
Sample augment(const AugmentOptions& options, const Sample& sample, cv::Size output, uint64_t seed, int64_t epoch,
               int64_t position, const OtherSamples& others);

/// Applies only the crop and the geometric rows of `augment`.
Sample augment_geometry(const AugmentOptions& options, const Sample& sample, cv::Size output, uint64_t seed,
                        int64_t epoch, int64_t position);

/// Warps `sample` at the image's own depth. Exact, without interpolation, where output pixels fall on input pixels:
/// integer shifts, flips and quarter turns. Shares no memory with `sample`.
Sample apply_warp(const Warp& warp, const Sample& sample);

}  // namespace unet
