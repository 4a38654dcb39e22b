#include "data/samples/color.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/samples/many_channels.h"
#include "data/samples/unit_range.h"

namespace unet {
namespace {

const cv::Matx13d kLuma(0.299, 0.587, 0.114);

/// Multiplies the first three channels of each pixel by a matrix.
void multiply_colors(cv::Mat& image, const cv::Matx33d& matrix) {
  const cv::Matx33f factors(matrix);
  const int channels = image.channels();
  for (int y = 0; y < image.rows; ++y) {
    auto* pixel = image.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x, pixel += channels) {
      const cv::Vec3f color = factors * cv::Vec3f(pixel[0], pixel[1], pixel[2]);
      std::copy_n(color.val, 3, pixel);
    }
  }
}

/// Returns RGB -> Y, U = 0.492 (B - Y), V = 0.877 (R - Y).
cv::Matx33d rgb_to_yuv() {
  const double u = 0.492, v = 0.877;
  return {kLuma(0),           kLuma(1),      kLuma(2),            //
          -u * kLuma(0),      -u * kLuma(1), u * (1 - kLuma(2)),  //
          v * (1 - kLuma(0)), -v * kLuma(1), -v * kLuma(2)};
}

/// Returns a random order of 0..count-1, from the present channel at each place.
std::vector<int> random_order(int count, Rng& rng) {
  std::vector<int> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (size_t last = order.size(); last-- > 1;)
    std::swap(order[last], order[static_cast<size_t>(rng.below(static_cast<int64_t>(last) + 1))]);
  return order;
}

}  // namespace

void Hue::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("degrees", degrees, "angle of the rotation about the gray axis, uniform in this range; needs 3 or 4 channels",
        in_range(-180, 180));
}

void Hue::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double angle = rng.uniform(degrees.low, degrees.high) * CV_PI / 180;
  if (!has_color_channels(image.channels())) return;
  const cv::Matx33d yuv = rgb_to_yuv();
  const cv::Matx33d rotation(1, 0, 0,                               //
                             0, std::cos(angle), -std::sin(angle),  //
                             0, std::sin(angle), std::cos(angle));
  multiply_colors(image, yuv.inv() * rotation * yuv);
}

void Saturation::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("factor", factor, "factor of the differences from luma, uniform in this range; 0: gray; needs 3 or 4 channels",
        in_range(0, 10));
}

void Saturation::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const double chosen = rng.uniform(factor.low, factor.high);
  if (!has_color_channels(image.channels())) return;
  const cv::Matx33d gray = cv::Matx31d::ones() * kLuma;
  multiply_colors(image, cv::Matx33d::eye() * chosen + gray * (1 - chosen));
}

void ChannelShuffle::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const int channels = image.channels();
  if (channels < 2) return;
  std::vector<int> order;
  do {
    order = random_order(channels, rng);
  } while (std::is_sorted(order.begin(), order.end()));
  std::vector<int> from_to;
  for (int c = 0; c < channels; ++c) {
    from_to.push_back(order[static_cast<size_t>(c)]);
    from_to.push_back(c);
  }
  to_unit_range(image, scale);
  cv::Mat shuffled(image.size(), image.type());
  cv::mixChannels(&image, 1, &shuffled, 1, from_to.data(), order.size());
  from_unit_range(shuffled, scale);
  image = shuffled;
}

void ChannelDrop::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("count", count, "number of dropped channels; at least one channel is kept", in_range(1, 63));
}

void ChannelDrop::apply(cv::Mat& image, const IntensityScale&, Rng& rng) const {
  const int channels = image.channels();
  const std::vector<int> order = random_order(channels, rng);
  const std::vector<double> means = channel_means(image);
  for (int i = 0; i < std::min<int64_t>(count, channels - 1); ++i) {
    const int dropped = order[static_cast<size_t>(i)];
    cv::Mat flat(image.size(), CV_32FC1, cv::Scalar(means[static_cast<size_t>(dropped)]));
    cv::insertChannel(flat, image, dropped);
  }
}

}  // namespace unet
