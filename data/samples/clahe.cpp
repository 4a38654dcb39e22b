#include "data/samples/clahe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/samples/many_channels.h"

namespace unet {
namespace {

constexpr int kBins = 256;
constexpr int kMinTile = 8;  // pixels; below, a histogram says little

/// The equalized value, from 0 to 1, of each bin of a tile.
using TileCurve = std::array<float, kBins>;

/// Returns the cumulative histogram of a tile, whose bins hold at most `clip_limit` times the average; what they held
/// above it is spread over all bins. `tile`: float from 0 to kBins - 1.
TileCurve tile_curve(const cv::Mat& tile, double clip_limit) {
  TileCurve counts{};
  for (int y = 0; y < tile.rows; ++y)
    for (int x = 0; x < tile.cols; ++x) ++counts[static_cast<size_t>(cvRound(tile.at<float>(y, x)))];
  const auto pixels = static_cast<float>(tile.total());
  const float limit = std::max(1.0F, static_cast<float>(clip_limit) * pixels / kBins);
  float excess = 0;
  for (float& count : counts) {
    excess += std::max(0.0F, count - limit);
    count = std::min(count, limit);
  }
  float below = 0;
  for (float& count : counts) {
    below += count + excess / kBins;
    count = std::min(1.0F, below / pixels);
  }
  return counts;
}

/// Two neighboring tiles along one axis, and the share of the second at a pixel.
struct TilePair {
  int first = 0, second = 0;
  float share = 0;
};

/// Returns the tiles that a pixel lies between: as cv::CLAHE, whose tiles have their middle at (i + 0.5) * length.
TilePair tiles_at(int pixel, int length, int tiles) {
  const float position = static_cast<float>(pixel) * static_cast<float>(tiles) / static_cast<float>(length) - 0.5F;
  const float before = std::floor(position);
  const int first = static_cast<int>(before);
  return {std::max(first, 0), std::min(first + 1, tiles - 1), position - before};
}

float interpolated(float a, float b, float share) { return a + (b - a) * share; }

float value_on(const TileCurve& curve, float bin) {
  const auto low = static_cast<size_t>(bin);
  return interpolated(curve[low], curve[std::min<size_t>(low + 1, kBins - 1)], bin - static_cast<float>(low));
}

/// Returns the equalized values of a float image of one channel, in the range of its values.
cv::Mat equalized(const cv::Mat& image, double clip_limit, int64_t grid) {
  double low = 0, high = 0;
  cv::minMaxLoc(image, &low, &high);
  if (high <= low) return image;
  const double width = high - low;
  cv::Mat bins;
  cv::Mat(image - low).convertTo(bins, CV_32F, (kBins - 1) / width);
  cv::min(bins, static_cast<double>(kBins - 1), bins);
  const auto tiles_along = [&](int length) {
    return static_cast<int>(std::clamp<int64_t>(length / kMinTile, 1, grid));
  };
  const int rows = tiles_along(image.rows), columns = tiles_along(image.cols);
  std::vector<TileCurve> curves;
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      const cv::Range across(j * image.cols / columns, (j + 1) * image.cols / columns);
      curves.push_back(tile_curve(bins({i * image.rows / rows, (i + 1) * image.rows / rows}, across), clip_limit));
    }
  cv::Mat result(image.size(), CV_32FC1);
  for (int y = 0; y < image.rows; ++y) {
    const TilePair down = tiles_at(y, image.rows, rows);
    const TileCurve *upper = &curves[static_cast<size_t>(down.first * columns)],
                    *lower = &curves[static_cast<size_t>(down.second * columns)];
    for (int x = 0; x < image.cols; ++x) {
      const TilePair across = tiles_at(x, image.cols, columns);
      const float bin = bins.at<float>(y, x);
      const float above =
          interpolated(value_on(upper[across.first], bin), value_on(upper[across.second], bin), across.share);
      const float below =
          interpolated(value_on(lower[across.first], bin), value_on(lower[across.second], bin), across.share);
      result.at<float>(y, x) = static_cast<float>(low + width * interpolated(above, below, down.share));
    }
  }
  return result;
}

}  // namespace

void Clahe::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("clip_limit", clip_limit,
        "limit of a histogram bin, in multiples of the average bin, uniform in this range; more gives more contrast",
        in_range(1, 100));
  visit("grid", grid, "tiles along each side, of at least 8 pixels each", in_range(1, 64));
}

void Clahe::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double limit = rng.uniform(clip_limit.low, clip_limit.high);
  image = by_colors(image, [&](const cv::Mat& part) {
    if (part.channels() == 1) return equalized(part, limit, grid);
    cv::Mat luma, change, changed;
    cv::cvtColor(part, luma, cv::COLOR_RGB2GRAY);
    cv::cvtColor(equalized(luma, limit, grid) - luma, change, cv::COLOR_GRAY2RGB);
    cv::add(part, change, changed);
    return changed;
  });
}

}  // namespace unet
