#include "app/inference/intensity_watch.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "data/dataset/channels.h"

namespace unet {
namespace {

/// Whether the statistics are those that `unet import` assumes.
bool has_no_statistics(const DataOptions& data) {
  const auto is = [](double expected) { return [=](double value) { return value == expected; }; };
  return std::all_of(data.mean.begin(), data.mean.end(), is(0)) && std::all_of(data.std.begin(), data.std.end(), is(1));
}

}  // namespace

void IntensityWatch::add(const cv::Mat& image) {
  const std::vector<ChannelStatistics> statistics = statistics_of(image);
  const auto pixels = static_cast<double>(image.total());
  sums_.resize(statistics.size());
  square_sums_.resize(statistics.size());
  for (size_t c = 0; c < statistics.size(); ++c) {
    const auto [mean, deviation] = statistics[c];
    sums_[c] += pixels * mean;
    square_sums_[c] += pixels * (mean * mean + deviation * deviation);
  }
  pixels_ += pixels;
  ++images_;
}

std::optional<std::string> IntensityWatch::warning() const {
  constexpr double kMaxShift = 3, kMaxRatio = 4;
  const size_t channels = std::min({sums_.size(), data_.mean.size(), data_.std.size()});
  if (has_no_statistics(data_)) return std::nullopt;
  if (pixels_ == 0 || data_.normalize == Normalize::per_image) return std::nullopt;
  for (size_t c = 0; c < channels; ++c) {
    const double mean = sums_[c] / pixels_;
    const double deviation = std::sqrt(std::max(0.0, square_sums_[c] / pixels_ - mean * mean));
    const double shift = std::abs(mean - data_.mean[c]) / data_.std[c], ratio = deviation / data_.std[c];
    const bool is_constant = c < data_.min.size() && c < data_.max.size() && data_.min[c] == data_.max[c];
    const bool differs = shift > kMaxShift || (!is_constant && (ratio > kMaxRatio || ratio < 1 / kMaxRatio));
    if (!differs) continue;
    return fmt::format(
        "the {} differ much from the training images: channel {} has mean {:.4g} and standard deviation {:.4g}, in "
        "training {:.4g} and {:.4g} (values scaled to [0,1], 32 bits as they are). Expect poor masks; check bit depth, "
        "channels and exposure, or train with data.normalize=per_image",
        images_ == 1 ? "image" : fmt::format("{} images", images_), c, mean, deviation, data_.mean[c], data_.std[c]);
  }
  return std::nullopt;
}

}  // namespace unet
