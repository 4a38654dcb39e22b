#include "data/samples/unit_range.h"

#include "data/samples/many_channels.h"

namespace unet {
namespace {

std::vector<double> range_widths(const IntensityScale& scale) {
  std::vector<double> widths;
  for (size_t c = 0; c < scale.low.size(); ++c) {
    const double width = scale.high[c] - scale.low[c];
    widths.push_back(width > 0 ? width : 1);
  }
  return widths;
}

}  // namespace

std::vector<double> lowest_values(const IntensityScale& scale, size_t channels) {
  return scale.is_plain() ? std::vector<double>(channels) : scale.low;
}

void subtract_lowest(cv::Mat& image, const IntensityScale& scale) {
  if (scale.is_plain()) return;
  std::vector<double> offsets = scale.low;
  for (double& offset : offsets) offset = -offset;
  add_to_channels(image, offsets);
}

void to_unit_range(cv::Mat& image, const IntensityScale& scale) {
  if (scale.is_plain()) return;
  subtract_lowest(image, scale);
  std::vector<double> factors = range_widths(scale);
  for (double& factor : factors) factor = 1 / factor;
  scale_channels(image, factors);
}

void from_unit_range(cv::Mat& image, const IntensityScale& scale) {
  if (scale.is_plain()) return;
  scale_channels(image, range_widths(scale));
  add_to_channels(image, scale.low);
}

}  // namespace unet
