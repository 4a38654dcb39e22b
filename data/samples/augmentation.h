#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "configs/schema/options.h"
#include "configs/schema/reader.h"
#include "data/dataset/sample.h"
#include "data/samples/intensity_scale.h"
#include "data/samples/rng.h"
#include "data/samples/sample_source.h"
#include "data/samples/warp.h"

namespace unet {

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
  /// Returns another sample of the same crop size, after geometric augmentation of its own: image float HxWxC.
  /// `rng` decides which one and how, so equal generators give equal samples. The caller may write to it.
  virtual Sample draw(Rng& rng) const = 0;
};

/// Changes image and mask together, and may take pixels from other samples (cutout, copy-paste, CutMix).
class JointAugmentation : public Augmentation {
 public:
  /// Changes `sample` in place: image float HxWxC, mask HxW class index or kIgnoreLabel.
  virtual void apply(Sample& sample, const OtherSamples& others, Rng& rng) const = 0;
  /// Whether it may set Sample::weight.
  virtual bool weighs_pixels() const { return false; }
};

/// Changes the values of an image, float HxWxC, in place; the mask is unchanged. A change is the same in all channels,
/// measured in the scale of each, unless the row is about channels or colors. Results may leave its range: `augment`
/// clips once, after the last row.
class PhotometricAugmentation : public Augmentation {
 public:
  virtual void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const = 0;
  /// Numbers of channels of the images that the row can change; it leaves others as they are.
  virtual Limits channels() const { return at_least(1); }
};

const Registry<GeometricAugmentation>& geometric_augmentations();
const Registry<JointAugmentation>& joint_augmentations();
const Registry<PhotometricAugmentation>& photometric_augmentations();

/// How strong the augmentation is, see `apply_augment_preset`.
enum class AugmentPreset { custom, none, light, standard, strong };
template <>
struct EnumNames<AugmentPreset> {
  static constexpr EnumName<AugmentPreset> table[] = {{"custom", AugmentPreset::custom},
                                                      {"none", AugmentPreset::none},
                                                      {"light", AugmentPreset::light},
                                                      {"standard", AugmentPreset::standard},
                                                      {"strong", AugmentPreset::strong}};
};

/// The `augment` section: every row of the three tables, by name, applied in the order of the tables.
struct AugmentOptions : Options {
  AugmentOptions();
  void fields(FieldVisitor& visit) override;

  AugmentPreset preset = AugmentPreset::custom;
  IntensityUnit intensity_unit = IntensityUnit::deviation;
  std::vector<std::pair<std::string, Polymorphic<GeometricAugmentation>>> geometric;
  std::vector<std::pair<std::string, Polymorphic<JointAugmentation>>> joint;
  std::vector<std::pair<std::string, Polymorphic<PhotometricAugmentation>>> photometric;

  /// Whether a row that is on may give pixels a weight.
  bool weighs_pixels() const;
};

/// Gives options that were read from a config without `intensity_unit` the meaning that they had before that option
/// existed, if the config gives amounts, and returns a note for people. Under full_range, however chosen, amounts that
/// are not given are the former defaults. `section` is the key path of the options.
std::optional<std::string> keep_former_intensity_unit(AugmentOptions& options, const Locations& locations,
                                                      const std::string& section);

/// Warns of intensity changes in full ranges that are too large for images with these resolved options.
std::optional<std::string> intensity_warning(const AugmentOptions& options, const DataOptions& data);

/// Makes a training sample of `output` size from `sample`: a crop at a random position, the geometric rows composed
/// into one warp, then the joint rows, then the photometric rows. An image smaller than the output is centered. With a
/// pixel `in_view`, the crop is drawn from those that contain it; the geometric rows may move it out.
/// Image: float, clipped to the range of `scale`, mirrored outside the source; mask: nearest neighbor, kIgnoreLabel
/// outside. Equal arguments give equal results, and each row has its own generator, so switching one on does not change
/// the numbers of the others. Only the part of `sample` that is needed is read.
Sample augment(const AugmentOptions& options, const SampleSource& sample, cv::Size output, uint64_t seed, int64_t epoch,
               int64_t position, const OtherSamples& others, const IntensityScale& scale = {},
               std::optional<cv::Point> in_view = std::nullopt);

/// Applies only the crop and the geometric rows of `augment`.
Sample augment_geometry(const AugmentOptions& options, const SampleSource& sample, cv::Size output, uint64_t seed,
                        int64_t epoch, int64_t position, std::optional<cv::Point> in_view = std::nullopt);

/// Names of the rows that `augment` applies to this sample, in their order.
std::vector<std::string> applied_rows(const AugmentOptions& options, uint64_t seed, int64_t epoch, int64_t position);

// The same for samples in memory, which are never changed.

inline Sample augment(const AugmentOptions& options, const Sample& sample, cv::Size output, uint64_t seed,
                      int64_t epoch, int64_t position, const OtherSamples& others, const IntensityScale& scale = {}) {
  return augment(options, DecodedSample(sample), output, seed, epoch, position, others, scale);
}

inline Sample augment_geometry(const AugmentOptions& options, const Sample& sample, cv::Size output, uint64_t seed,
                               int64_t epoch, int64_t position) {
  return augment_geometry(options, DecodedSample(sample), output, seed, epoch, position);
}

}  // namespace unet
