#include "data/samples/intensity_scale.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/error.h"
#include "data/dataset/channels.h"

namespace unet {
namespace {

double value_or(const std::vector<double>& values, size_t c, double otherwise) {
  return c < values.size() ? values[c] : otherwise;
}

}  // namespace

std::optional<std::string> excess_text(const DataOptions& data, double amount) {
  constexpr double kMaxDeviations = 3;
  const IntensityScale scale = intensity_scale(data, IntensityUnit::full_range);
  for (size_t c = 0; c < data.std.size(); ++c) {
    const bool is_constant = c < data.min.size() && c < data.max.size() && data.min[c] == data.max[c];
    const double deviations = amount * (scale.is_plain() ? 1 : scale.unit[c]) / data.std[c];
    if (!is_constant && deviations > kMaxDeviations)
      return concat("a brightness shift of ", amount, " of the full range is ", std::round(deviations),
                    " standard deviations of these images, which hides what they show. Use amounts in standard "
                    "deviations: --set augment.intensity_unit=deviation --set 'augment.brightness.shift=[-1, 1]' --set "
                    "'augment.noise.sigma=[0, 0.25]'");
  }
  return std::nullopt;
}

IntensityScale intensity_scale(const DataOptions& data, IntensityUnit unit, const std::vector<ChannelStatistics>& own) {
  IntensityScale scale;
  bool is_plain = true;
  for (size_t c = 0; c < data.std.size(); ++c) {
    double low = value_or(data.min, c, 0), high = value_or(data.max, c, 1);
    double amount = c < own.size() ? own[c].deviation : data.std[c];
    if (unit == IntensityUnit::full_range) {
      low = std::min(low, 0.0);
      high = std::max(high, 1.0);
      amount = high - low;
    }
    is_plain = is_plain && low == 0 && high == 1 && amount == 1;
    scale.low.push_back(low);
    scale.high.push_back(high);
    scale.unit.push_back(amount);
  }
  return is_plain ? IntensityScale() : scale;
}

IntensityScale scale_of_crop(IntensityScale scale, const cv::Mat& image) {
  const std::vector<ChannelStatistics> own = statistics_of(image);
  if (scale.is_plain()) scale = {std::vector<double>(own.size(), 0), std::vector<double>(own.size(), 1), {}};
  scale.unit.clear();
  for (const ChannelStatistics& channel : own) scale.unit.push_back(channel.deviation);
  return scale;
}

}  // namespace unet
