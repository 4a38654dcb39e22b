#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample.h"

namespace unet {

/// The unit of the amounts of intensity augmentations.
enum class IntensityUnit { deviation, per_image, full_range };
template <>
struct EnumNames<IntensityUnit> {
  static constexpr EnumName<IntensityUnit> table[] = {{"deviation", IntensityUnit::deviation},
                                                      {"per_image", IntensityUnit::per_image},
                                                      {"full_range", IntensityUnit::full_range}};
};

/// The scale of image values in which augmentations work, by channel; empty lists stand for the range [0,1] and the
/// unit 1.
struct IntensityScale {
  std::vector<double> low, high;  ///< range of the values
  std::vector<double> unit;       ///< what an amount of 1 is

  bool is_plain() const { return unit.empty(); }
};

/// Says how many standard deviations a change of `amount` full ranges is, if it is so many that it hides the content of
/// images with these resolved options.
std::optional<std::string> excess_text(const DataOptions& data, double amount);

/// Returns the scale for images with these resolved options. Unit deviation: the range of the training images and the
/// standard deviation of each channel, of the image itself where `own` has its statistics. Unit full_range: [0,1],
/// which 8 and 16 bits fill, extended by the range of the training images where 32-bit values exceed it. Unit
/// per_image: as deviation, until `scale_of_crop`.
IntensityScale intensity_scale(const DataOptions& data, IntensityUnit unit,
                               const std::vector<ChannelStatistics>& own = {});

/// Returns `scale` with the standard deviations of a float image as its unit.
IntensityScale scale_of_crop(IntensityScale scale, const cv::Mat& image);

}  // namespace unet
