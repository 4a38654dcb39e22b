#include "data/dataset/normalization.h"

#include "configs/schema/error.h"
#include "data/dataset/value_count.h"

namespace unet {
namespace {

/// Of RGB values in [0,1]. Source: torchvision's reference transforms.
const std::vector<double> kImagenetMean{0.485, 0.456, 0.406}, kImagenetStd{0.229, 0.224, 0.225};

}  // namespace

Normalization normalization_of(const DataOptions& options) {
  const int64_t channels = options.channels.value_or(0);
  const auto count = static_cast<size_t>(channels);
  check_value_count("mean", options.mean, channels, "channel");
  check_value_count("std", options.std, channels, "channel");
  if (options.normalize == Normalize::percentile || options.normalize == Normalize::range) {
    check_value_count("min", options.min, channels, "channel");
    check_value_count("max", options.max, channels, "channel");
  }
  Normalization result;
  switch (options.normalize) {
    case Normalize::dataset:
      return {false, options.mean, options.std, {}, {}, {}};
    case Normalize::percentile:
      return {false, options.mean, options.std, options.min, options.max, {}};
    case Normalize::imagenet:
      if (channels != 3)
        fail(ErrorKind::config, "[data.normalize] got imagenet, which is for 3 channels, but the network has ",
             channels, ". Set data.channels=3, or another data.normalize");
      return {false, kImagenetMean, kImagenetStd, {}, {}, {}};
    case Normalize::range:
      result.mean = options.min;
      for (size_t c = 0; c < count; ++c) {
        const double width = options.max[c] - options.min[c];
        result.std.push_back(width > 0 ? width : 1);
      }
      return result;
    case Normalize::none:
      return {false, std::vector<double>(count, 0), std::vector<double>(count, 1), {}, {}, {}};
    case Normalize::per_image:
      break;
  }
  constexpr double kSmallestShare = 1e-3;  // of the deviation of the training images
  result = {true, options.mean, options.std, {}, {}, {}};
  for (const double deviation : options.std) result.smallest_std.push_back(kSmallestShare * deviation);
  return result;
}

}  // namespace unet
