#include "data/dataset/measure_sample.h"

#include <opencv2/imgproc.hpp>

#include "data/dataset/content_hash.h"

namespace unet {
namespace {

/// Appends the statistics of each channel over the pixels that `valid` marks (all if it is empty).
void append_statistics(const cv::Mat& image, const cv::Mat& valid, SampleScan& found) {
  const double scale = full_range(image.depth());
  const auto pixels = static_cast<double>(valid.empty() ? static_cast<int>(image.total()) : cv::countNonZero(valid));
  for (int c = 0; c < image.channels(); ++c) {
    cv::Mat plane;
    cv::extractChannel(image, plane, c);
    cv::Scalar mean, deviation;
    cv::meanStdDev(plane, mean, deviation, valid);
    double lowest = 0, highest = 0;
    cv::minMaxLoc(plane, &lowest, &highest, nullptr, nullptr, valid);
    found.sums.push_back(pixels * mean[0] / scale);
    found.square_sums.push_back(pixels * (deviation[0] * deviation[0] + mean[0] * mean[0]) / (scale * scale));
    found.lowest.push_back(lowest / scale);
    found.highest.push_back(highest / scale);
  }
}

/// Converts RGB and RGBA to gray. Other images have no gray form: the result is empty.
cv::Mat to_gray(const Image& image) {
  const int channels = image.pixels.channels(), colors = channels - (image.has_alpha ? 1 : 0);
  if (channels == 1) return image.pixels;
  cv::Mat gray;
  if (colors == 3) cv::cvtColor(image.pixels, gray, channels == 3 ? cv::COLOR_RGB2GRAY : cv::COLOR_RGBA2GRAY);
  return gray;
}

cv::Mat first_channel(const cv::Mat& image) {
  cv::Mat channel;
  cv::extractChannel(image, channel, 0);
  return channel;
}

}  // namespace

void measure_sample(const RawSample& raw, bool wants_objects, SampleScan& found) {
  const Image& image = raw.image;
  found.value_counts = count_values(raw.labels.values);
  found.shapes = measure_shapes(raw.labels.values, found.value_counts);
  if (wants_objects) found.objects = measure_objects(raw.labels.values);
  found.size = image.pixels.size();
  found.channels = image.pixels.channels();
  found.has_alpha = image.has_alpha;
  found.converted = image.converted;
  found.bits = image.pixels.depth() == CV_8U ? 8 : image.pixels.depth() == CV_16U ? 16 : 32;
  found.palette = raw.labels.palette;
  found.is_lossy_mask = raw.labels.is_lossy;
  found.rotation = raw.rotation;
  found.image_hash = content_hash(image.pixels);
  found.mask_hash = content_hash(raw.labels.values);
  cv::Mat valid;
  if (!image.invalid.empty()) {
    found.invalid = cv::countNonZero(image.invalid);
    valid = ~image.invalid;
  }
  append_statistics(image.pixels, valid, found);
  const cv::Mat gray = to_gray(image);
  if (!gray.empty()) append_statistics(gray, valid, found);
  found.fingerprint = fingerprint_of(gray.empty() ? first_channel(image.pixels) : gray);
}

cv::Mat comparable_gray(const Image& image) {
  const cv::Mat gray = to_gray(image);
  return gray.empty() ? first_channel(image.pixels) : gray;
}

}  // namespace unet
