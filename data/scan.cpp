#include "data/scan.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "configs/schema/error.h"
#include "data/read_pair.h"

namespace unet {
namespace {

struct PairScan {
  std::string problem;  ///< "" for a usable pair
  ValueCounts value_counts;
  cv::Size size;
  int channels = 0;
  std::vector<double> sums, square_sums;
};

/// Appends the sum and the sum of squares of each channel, of values scaled to [0,1].
void append_sums(const cv::Mat& image, PairScan& found) {
  const double scale = image.depth() == CV_16U ? 65535 : 255;
  const auto pixels = static_cast<double>(image.total());
  cv::Scalar mean, deviation;
  cv::meanStdDev(image, mean, deviation);
  for (int c = 0; c < image.channels(); ++c) {
    found.sums.push_back(pixels * mean[c] / scale);
    found.square_sums.push_back(pixels * (deviation[c] * deviation[c] + mean[c] * mean[c]) / (scale * scale));
  }
}

cv::Mat to_grey(const cv::Mat& image) {
  if (image.channels() == 1) return image;
  cv::Mat grey;
  cv::cvtColor(image, grey, image.channels() == 3 ? cv::COLOR_RGB2GRAY : cv::COLOR_RGBA2GRAY);
  return grey;
}

PairScan scan_pair(const Pair& pair) {
  PairScan found;
  try {
    const RawPair raw = read_pair(pair);
    found.value_counts = count_values(raw.values);
    found.size = raw.image.size();
    found.channels = raw.image.channels();
    append_sums(raw.image, found);
    append_sums(to_grey(raw.image), found);
  } catch (const std::exception& error) {
    found = PairScan();
    found.problem = error.what();
    if (found.problem.empty()) found.problem = pair.image + ": cannot be read";
  }
  return found;
}

DataScan collect(std::vector<PairScan>& found) {
  DataScan scan;
  for (PairScan& pair : found) {
    if (!pair.problem.empty()) scan.problems.push_back(pair.problem);
    scan.usable.push_back(pair.problem.empty());
    scan.value_counts.push_back(std::move(pair.value_counts));
    scan.sizes.push_back(pair.size);
    scan.channels.push_back(pair.channels);
    scan.sums.push_back(std::move(pair.sums));
    scan.square_sums.push_back(std::move(pair.square_sums));
  }
  return scan;
}

}  // namespace

DataScan scan_pairs(const std::vector<Pair>& pairs, int threads, const std::function<void(size_t)>& progress) {
  std::vector<PairScan> found(pairs.size());
  std::atomic<size_t> next{0};
  std::mutex progress_mutex;
  size_t done = 0;
  const auto work = [&] {
    for (size_t i = next++; i < pairs.size(); i = next++) {
      found[i] = scan_pair(pairs[i]);
      const std::lock_guard<std::mutex> lock(progress_mutex);
      ++done;
      if (progress) progress(done);
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads && static_cast<size_t>(i) < pairs.size(); ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  return collect(found);
}

std::vector<std::string> unknown_values(const DataOptions& options, const std::vector<Pair>& pairs,
                                        const DataScan& scan) {
  const LabelMap labels(options.labels, options.ignore_values);
  std::vector<std::string> lines;
  for (size_t i = 0; i < pairs.size(); ++i) {
    std::string values;
    for (const auto& [value, count] : scan.value_counts[i])
      if (!labels.knows(value)) values += concat(values.empty() ? "" : ", ", value, " (", count, " pixels)");
    if (values.empty()) continue;
    lines.push_back(concat(pairs[i].mask, ": got mask values that no class has: ", values,
                           ", expected keys of data.labels. Add them there or to data.ignore_values"));
  }
  return lines;
}

std::vector<int64_t> class_pixels(const DataOptions& options, const DataScan& scan, const std::vector<bool>& which) {
  const LabelMap labels(options.labels, options.ignore_values);
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
