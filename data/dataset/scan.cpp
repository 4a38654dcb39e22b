#include "data/dataset/scan.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "configs/schema/error.h"
#include "data/dataset/content_hash.h"
#include "data/dataset/label_map.h"
#include "data/dataset/read_sample.h"

namespace unet {
namespace {

struct SampleScan {
  std::vector<Finding> problems;  ///< none for a usable sample
  ValueCounts value_counts;
  MaskShapes shapes;
  std::optional<AlphaMask> alpha_mask;
  cv::Size size;
  int channels = 0;
  bool has_alpha = false;
  int bits = 0;
  int64_t invalid = 0;
  std::string converted;
  std::vector<cv::Vec3b> palette;
  bool is_lossy_mask = false;
  MaskRotation rotation = MaskRotation::equal;
  uint64_t image_hash = 0, mask_hash = 0;
  std::vector<double> sums, square_sums, lowest, highest;
};

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

void measure(const RawSample& raw, SampleScan& found) {
  const Image& image = raw.image;
  found.value_counts = count_values(raw.labels.values);
  found.shapes = measure_shapes(raw.labels.values, found.value_counts);
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
  if (const cv::Mat gray = to_gray(image); !gray.empty()) append_statistics(gray, valid, found);
}

/// Calls `read`. If it throws, records the reason as a problem of `file`. Returns whether it succeeded.
template <class Read>
bool attempt(std::vector<Finding>& problems, FindingKind kind, const std::string& file, const std::string& reason,
             Read&& read) {
  try {
    read();
    return true;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    problems.push_back({kind, file, text.empty() ? file + ": cannot be read" : text, reason});
    return false;
  }
}

/// Reads the alpha of a mask that could not be read, if it has one.
std::optional<AlphaMask> read_alpha_mask(const SampleRef& sample, cv::Size size) {
  const auto* file = std::get_if<MaskFile>(&sample.labels);
  if (file == nullptr || sample.reading.channel == MaskChannel::alpha) return std::nullopt;
  try {
    const Image mask = read_image(file->path);
    if (!mask.has_alpha) return std::nullopt;
    AlphaMask alpha;
    for (int c = 0; c + 1 < mask.pixels.channels(); ++c) {
      cv::Mat channel;
      cv::extractChannel(mask.pixels, channel, c);
      double lowest = 0, highest = 0;
      cv::minMaxLoc(channel, &lowest, &highest);
      if (lowest == highest) alpha.color.push_back(lowest);
    }
    if (static_cast<int>(alpha.color.size()) + 1 < mask.pixels.channels()) alpha.color.clear();
    SampleRef by_alpha = sample;
    by_alpha.reading.channel = MaskChannel::alpha;
    alpha.counts = count_values(read_labels(by_alpha, size).values);
    return alpha;
  } catch (const std::exception&) {
    return std::nullopt;  // the mask's problem is already recorded
  }
}

SampleScan scan_sample(const SampleRef& sample) {
  const std::string image = sample.text(), labels = text_of(sample.labels);
  SampleScan found;
  RawSample raw;
  const bool has_image = attempt(found.problems, FindingKind::unreadable, image, "image cannot be read",
                                 [&] { raw.image = read_image(sample.image); });
  const bool has_labels = attempt(found.problems, FindingKind::unreadable, labels, "mask cannot be read",
                                  [&] { raw.labels = read_labels(sample, raw.image.pixels.size()); });
  if (has_image && !has_labels) found.alpha_mask = read_alpha_mask(sample, raw.image.pixels.size());
  if (!has_image || !has_labels) return found;
  match_rotation(raw);
  if (!attempt(found.problems, FindingKind::size_mismatch, labels,
               concat("mask of ", raw.labels.values.cols, "x", raw.labels.values.rows),
               [&] { check_sizes(raw, sample); }))
    return found;
  SampleScan contents;
  const bool measured =
      attempt(found.problems, FindingKind::unreadable, image, "image cannot be read", [&] { measure(raw, contents); });
  return measured ? contents : found;
}

DataScan collect(std::vector<SampleScan>& found) {
  DataScan scan;
  for (size_t i = 0; i < found.size(); ++i) {
    SampleScan& sample = found[i];
    for (Finding& problem : sample.problems) {
      problem.sample = i;
      scan.problems.push_back(problem);
    }
    scan.usable.push_back(sample.problems.empty());
    scan.value_counts.push_back(std::move(sample.value_counts));
    scan.shapes.push_back(std::move(sample.shapes));
    scan.alpha_masks.push_back(std::move(sample.alpha_mask));
    scan.sizes.push_back(sample.size);
    scan.channels.push_back(sample.channels);
    scan.has_alpha.push_back(sample.has_alpha);
    scan.bits.push_back(sample.bits);
    scan.invalid.push_back(sample.invalid);
    scan.converted.push_back(std::move(sample.converted));
    scan.palettes.push_back(std::move(sample.palette));
    scan.lossy_masks.push_back(sample.is_lossy_mask);
    scan.rotations.push_back(sample.rotation);
    scan.image_hashes.push_back(sample.image_hash);
    scan.mask_hashes.push_back(sample.mask_hash);
    scan.sums.push_back(std::move(sample.sums));
    scan.square_sums.push_back(std::move(sample.square_sums));
    scan.lowest.push_back(std::move(sample.lowest));
    scan.highest.push_back(std::move(sample.highest));
  }
  return scan;
}

}  // namespace

DataScan scan_samples(const std::vector<SampleRef>& samples, const ScanOptions& options) {
  std::vector<SampleScan> found(samples.size());
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};
  std::mutex progress_mutex;
  size_t done = 0;
  const auto work = [&] {
    for (size_t i = next++; i < samples.size() && !stopped; i = next++) {
      if (options.stop && options.stop()) {
        stopped = true;
        return;
      }
      found[i] = scan_sample(samples[i]);
      const std::lock_guard<std::mutex> lock(progress_mutex);
      ++done;
      if (options.progress) options.progress(done, samples.size());
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < options.threads && static_cast<size_t>(i) < samples.size(); ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  if (stopped)
    fail(ErrorKind::interrupted, "stopped after reading ", done, " of ", samples.size(), " images of the data set");
  return collect(found);
}

std::vector<int64_t> class_pixels(const DataOptions& options, const DataScan& scan, const std::vector<bool>& which) {
  const LabelMap labels = label_map(options);
  std::vector<int64_t> pixels(static_cast<size_t>(labels.num_classes()));
  for (size_t i = 0; i < which.size(); ++i) {
    if (!which[i]) continue;
    for (const auto& [value, count] : scan.value_counts[i])
      if (const int64_t label = labels.class_of(value); label != kIgnoreLabel)
        pixels[static_cast<size_t>(label)] += count;
  }
  return pixels;
}

}  // namespace unet
