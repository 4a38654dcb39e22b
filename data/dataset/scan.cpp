#include "data/dataset/scan.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "data/images/image_io.h"
#include "data/dataset/read_pair.h"

namespace unet {
namespace {

struct PairScan {
  std::vector<Finding> problems;  ///< none for a usable pair
  ValueCounts value_counts;
  cv::Size size;
  int channels = 0;
  int bits = 0;
  uint64_t image_hash = 0, mask_hash = 0;
  std::vector<double> sums, square_sums, lowest, highest;
};

/// Appends what DataScan holds of each channel, of values scaled to [0,1].
void append_statistics(const cv::Mat& image, PairScan& found) {
  const double scale = image.depth() == CV_16U ? 65535 : 255;
  const auto pixels = static_cast<double>(image.total());
  cv::Scalar mean, deviation;
  cv::meanStdDev(image, mean, deviation);
  for (int c = 0; c < image.channels(); ++c) {
    cv::Mat plane;
    cv::extractChannel(image, plane, c);
    double lowest = 0, highest = 0;
    cv::minMaxLoc(plane, &lowest, &highest);
    found.sums.push_back(pixels * mean[c] / scale);
    found.square_sums.push_back(pixels * (deviation[c] * deviation[c] + mean[c] * mean[c]) / (scale * scale));
    found.lowest.push_back(lowest / scale);
    found.highest.push_back(highest / scale);
  }
}

cv::Mat to_grey(const cv::Mat& image) {
  if (image.channels() == 1) return image;
  cv::Mat grey;
  cv::cvtColor(image, grey, image.channels() == 3 ? cv::COLOR_RGB2GRAY : cv::COLOR_RGBA2GRAY);
  return grey;
}

uint64_t content_hash(const cv::Mat& picture) {
  const cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
  const XXH64_hash_t shape = XXH3_64bits_withSeed(&whole.cols, sizeof(whole.cols), static_cast<uint64_t>(whole.type()));
  return XXH3_64bits_withSeed(whole.data, whole.total() * whole.elemSize(), shape);
}

/// Does `read`, or keeps as a problem of `file` why it cannot be done. Whether it was done.
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

PairScan scan_pair(const Pair& pair) {
  PairScan found;
  RawPair raw;
  const bool has_image = attempt(found.problems, FindingKind::unreadable, pair.image, "image cannot be read",
                                 [&] { raw.image = read_image(pair.image); });
  const bool has_mask = attempt(found.problems, FindingKind::unreadable, pair.mask, "mask cannot be read",
                                [&] { raw.values = read_mask_values(pair.mask); });
  if (!has_image || !has_mask) return found;
  if (!attempt(found.problems, FindingKind::size_mismatch, pair.mask,
               concat("mask of ", raw.values.cols, "x", raw.values.rows), [&] { check_sizes(raw, pair); }))
    return found;
  PairScan contents;
  const bool measured = attempt(found.problems, FindingKind::unreadable, pair.image, "image cannot be read", [&] {
    contents.value_counts = count_values(raw.values);
    contents.size = raw.image.size();
    contents.channels = raw.image.channels();
    contents.bits = raw.image.depth() == CV_16U ? 16 : 8;
    contents.image_hash = content_hash(raw.image);
    contents.mask_hash = content_hash(raw.values);
    append_statistics(raw.image, contents);
    append_statistics(to_grey(raw.image), contents);
  });
  return measured ? contents : found;
}

DataScan collect(std::vector<PairScan>& found) {
  DataScan scan;
  for (PairScan& pair : found) {
    scan.problems.insert(scan.problems.end(), pair.problems.begin(), pair.problems.end());
    scan.usable.push_back(pair.problems.empty());
    scan.value_counts.push_back(std::move(pair.value_counts));
    scan.sizes.push_back(pair.size);
    scan.channels.push_back(pair.channels);
    scan.bits.push_back(pair.bits);
    scan.image_hashes.push_back(pair.image_hash);
    scan.mask_hashes.push_back(pair.mask_hash);
    scan.sums.push_back(std::move(pair.sums));
    scan.square_sums.push_back(std::move(pair.square_sums));
    scan.lowest.push_back(std::move(pair.lowest));
    scan.highest.push_back(std::move(pair.highest));
  }
  return scan;
}

}  // namespace

DataScan scan_pairs(const std::vector<Pair>& pairs, int threads, const std::function<void(size_t)>& progress,
                    const std::function<bool()>& stop) {
  std::vector<PairScan> found(pairs.size());
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};
  std::mutex progress_mutex;
  size_t done = 0;
  const auto work = [&] {
    for (size_t i = next++; i < pairs.size() && !stopped; i = next++) {
      if (stop && stop()) {
        stopped = true;
        return;
      }
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
  if (stopped) fail(ErrorKind::interrupted, "[scan_pairs] stopped after ", done, " of ", pairs.size(), " images");
  return collect(found);
}

std::vector<Finding> unknown_values(const DataOptions& options, const std::vector<Pair>& pairs, const DataScan& scan) {
  const LabelMap labels(options.labels, options.ignore_values);
  std::vector<Finding> findings;
  for (size_t i = 0; i < pairs.size(); ++i) {
    std::string counted;
    std::vector<std::string> values;
    for (const auto& [value, count] : scan.value_counts[i]) {
      if (labels.knows(value)) continue;
      counted += concat(values.empty() ? "" : ", ", value, " (", count, " pixels)");
      values.push_back(std::to_string(value));
    }
    if (values.empty()) continue;
    findings.push_back({FindingKind::unknown_value, pairs[i].mask,
                        concat(pairs[i].mask, ": got mask values that no class has: ", counted,
                               ", expected keys of data.labels. Add them there or to data.ignore_values"),
                        concat(values.size() == 1 ? "unknown value " : "unknown values ", join(values))});
  }
  return findings;
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
