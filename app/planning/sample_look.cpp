#include "app/planning/sample_look.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "app/runtime/threads.h"
#include "data/dataset/label_map.h"
#include "data/dataset/parallel_samples.h"
#include "data/dataset/read_sample.h"

namespace unet {
namespace {

constexpr int64_t kWholePixels = int64_t{16} << 20;  // of a sample that is read as a whole

std::vector<ClassPixels> count_halves(const cv::Mat& mask, int64_t classes) {
  std::vector<ClassPixels> counts(static_cast<size_t>(classes));
  for (int y = 0; y < mask.rows; ++y) {
    const auto* row = mask.ptr<uint8_t>(y);
    for (int x = 0; x < mask.cols; ++x) {
      if (row[x] >= counts.size()) continue;
      ClassPixels& count = counts[row[x]];
      ++count.all;
      count.upper += 2 * y < mask.rows ? 1 : 0;
      count.left += 2 * x < mask.cols ? 1 : 0;
    }
  }
  return counts;
}

/// Widths along the ridges of the distance to the class's edge: twice the distance, minus 1, so that a line of one
/// pixel has width 1. A class without an edge is as wide as the shorter side.
std::vector<float> ridge_widths(const cv::Mat& inside) {
  const auto widest = static_cast<float>(std::min(inside.rows, inside.cols));
  cv::Mat distance, highest;
  cv::distanceTransform(inside, distance, cv::DIST_L2, cv::DIST_MASK_5);
  cv::dilate(distance, highest, cv::Mat());
  std::vector<float> widths;
  for (int y = 0; y < distance.rows; ++y) {
    const auto *at = distance.ptr<float>(y), *high = highest.ptr<float>(y);
    for (int x = 0; x < distance.cols; ++x)
      if (at[x] > 0 && at[x] >= high[x]) widths.push_back(std::min(2 * at[x] - 1, widest));
  }
  return widths;
}

std::vector<int64_t> component_areas(const cv::Mat& inside) {
  cv::Mat labels, statistics, centers;
  const int count = cv::connectedComponentsWithStats(inside, labels, statistics, centers, 8, CV_32S);
  std::vector<int64_t> areas;
  for (int i = 1; i < count; ++i) areas.push_back(statistics.at<int>(i, cv::CC_STAT_AREA));
  return areas;
}

cv::Mat shrunk_and_enlarged(const cv::Mat& mask, double scale) {
  cv::Mat small, again;
  const cv::Size size(std::max(1, cvRound(mask.cols * scale)), std::max(1, cvRound(mask.rows * scale)));
  cv::resize(mask, small, size, 0, 0, cv::INTER_NEAREST);
  cv::resize(small, again, mask.size(), 0, 0, cv::INTER_NEAREST);
  return again;
}

void compare_at_scales(SampleLook& look, const cv::Mat& mask) {
  const size_t classes = look.pixels.size();
  for (size_t s = 0; s < kScales.size(); ++s) {
    std::vector<int64_t>&agreeing = look.agreeing[s], &either = look.either[s];
    agreeing.assign(classes, 0);
    either.assign(classes, 0);
    const cv::Mat again = shrunk_and_enlarged(mask, kScales[s]);
    for (int y = 0; y < mask.rows; ++y) {
      const auto *was = mask.ptr<uint8_t>(y), *is = again.ptr<uint8_t>(y);
      for (int x = 0; x < mask.cols; ++x) {
        if (was[x] >= classes) continue;
        ++either[was[x]];
        if (was[x] == is[x])
          ++agreeing[was[x]];
        else if (is[x] < classes)
          ++either[is[x]];
      }
    }
  }
}

/// Mean over all channels.
double mean_value(const cv::Mat& image) {
  const cv::Scalar mean = cv::mean(image.reshape(1));
  return mean[0];
}

void compare_brightness(SampleLook& look, const cv::Mat& image) {
  const int half_height = image.rows / 2, half_width = image.cols / 2;
  if (half_height == 0 || half_width == 0) return;
  cv::Scalar mean, deviation;
  cv::meanStdDev(image.reshape(1), mean, deviation);
  if (!(deviation[0] > 0)) return;
  const auto difference = [&](const cv::Mat& a, const cv::Mat& b) {
    return (mean_value(a.clone()) - mean_value(b.clone())) / deviation[0];
  };
  look.brighter_above =
      difference(image.rowRange(0, half_height), image.rowRange(image.rows - half_height, image.rows));
  look.brighter_left = difference(image.colRange(0, half_width), image.colRange(image.cols - half_width, image.cols));
}

RawSample read_for_look(const SampleRef& sample, cv::Size size) {
  if (int64_t{size.width} * size.height > kWholePixels)
    if (const auto regions = SampleRegions::open(sample)) {
      constexpr int kSide = 4096;
      const cv::Size part(std::min(size.width, kSide), std::min(size.height, kSide));
      return regions->read({(size.width - part.width) / 2, (size.height - part.height) / 2, part.width, part.height});
    }
  return read_sample(sample);
}

}  // namespace

SampleLook look_at(const cv::Mat& image, const cv::Mat& mask, int64_t classes) {
  SampleLook look;
  look.pixels = count_halves(mask, classes);
  for (int64_t c = 0; c < classes; ++c) {
    const bool is_present = look.pixels[static_cast<size_t>(c)].all > 0;
    const cv::Mat inside = mask == static_cast<double>(c);
    look.widths.push_back(is_present ? ridge_widths(inside) : std::vector<float>());
    look.areas.push_back(is_present ? component_areas(inside) : std::vector<int64_t>());
  }
  compare_at_scales(look, mask);
  compare_brightness(look, image);
  return look;
}

std::vector<SampleLook> look_at_samples(const Dataset& dataset, const std::vector<size_t>& samples,
                                        const std::function<bool()>& stop) {
  const LabelMap labels = label_map(dataset.options);
  std::vector<SampleLook> looks(samples.size());
  ScanOptions options;
  options.threads = usable_processors();
  options.stop = stop;
  for_each_sample(samples.size(), options, [&](size_t i) {
    const RawSample raw = read_for_look(dataset.samples[samples[i]], dataset.scan.sizes[samples[i]]);
    ValueCounts unknown;
    looks[i] = look_at(raw.image.pixels, labels.to_classes(raw.labels.values, unknown), labels.num_classes());
  });
  return looks;
}

std::vector<size_t> samples_to_look_at(const Dataset& dataset) {
  constexpr size_t kMost = 32, kFewest = 4;
  constexpr int64_t kPixels = int64_t{64} << 20;
  const std::vector<size_t> train = dataset.usable({kTrain});
  int64_t pixels = 0;
  for (const size_t i : train)
    pixels += std::min(kWholePixels, int64_t{dataset.scan.sizes[i].width} * dataset.scan.sizes[i].height);
  if (train.empty()) return {};
  const double mean_pixels = std::max(1.0, static_cast<double>(pixels) / static_cast<double>(train.size()));
  const auto affordable = static_cast<size_t>(static_cast<double>(kPixels) / mean_pixels);
  const size_t count = std::min(train.size(), std::clamp(affordable, kFewest, kMost));
  std::vector<size_t> chosen;
  for (size_t i = 0; i < count; ++i) chosen.push_back(train[(2 * i + 1) * train.size() / (2 * count)]);
  return chosen;
}

}  // namespace unet
