#pragma once

#include "data/samples/augmentation.h"

namespace unet {

/// Adds a constant, in units of `augment.intensity_unit`, to all pixel values.
struct Brightness : PhotometricAugmentation {
  Brightness() { probability = 0.15; }
  Range shift{-1, 1};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Scales the deviations from the mean of each channel of the image.
struct Contrast : PhotometricAugmentation {
  Contrast() { probability = 0.15; }
  Range factor{0.75, 1.25};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Raises pixel values to a power, within their range scaled to [0,1]; values below it, which earlier rows may leave,
/// count as 0.
struct Gamma : PhotometricAugmentation {
  Range gamma{0.7, 1.5};
  void fields(FieldVisitor& visit) override;
  void apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const override;
};

/// Refuses rows that are on but cannot change images of these resolved options, as hue on gray images, where the config
/// or `--set` names them. `section` is the key path of `options`. Throws Error(config) with the remedy.
void check_channels(const AugmentOptions& options, const DataOptions& data, const Locations& locations,
                    const std::string& section);

/// Names the rows that are on but cannot change images of these resolved options.
std::optional<std::string> channel_warning(const AugmentOptions& options, const DataOptions& data);

}  // namespace unet
