#include "data/dataset/scan.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "configs/schema/error.h"
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

uint64_t content_hash(const cv::Mat& image) {
  const cv::Mat pixels = image.isContinuous() ? image : image.clone();
  const XXH64_hash_t shape =
      XXH3_64bits_withSeed(&pixels.cols, sizeof(pixels.cols), static_cast<uint64_t>(pixels.type()));
  return XXH3_64bits_withSeed(pixels.data, pixels.total() * pixels.elemSize(), shape);
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
  } catch (const Error& error) {
    problems.push_back({kind, file, error.what(), reason});
  } catch (const std::bad_alloc&) {
    problems.push_back({kind, file, file + ": needs more memory than there is. Cut it into tiles", reason});
  } catch (const std::exception& error) {
    problems.push_back({kind, file, concat(file, ": cannot be read: ", error.what()), reason});
  }
  return false;
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

/// The hash that `content_hash` returns, of an image that comes in bands.
class BandedHash {
 public:
  void add(const cv::Mat& band) {
    if (!is_begun_) {
      const XXH64_hash_t shape =
          XXH3_64bits_withSeed(&band.cols, sizeof(band.cols), static_cast<uint64_t>(band.type()));
      XXH3_64bits_reset_withSeed(state_.get(), shape);
      is_begun_ = true;
    }
    const size_t row_bytes = static_cast<size_t>(band.cols) * band.elemSize();
    for (int y = 0; y < band.rows; ++y) XXH3_64bits_update(state_.get(), band.ptr(y), row_bytes);
  }
  uint64_t value() const { return XXH3_64bits_digest(state_.get()); }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_{XXH3_createState(), XXH3_freeState};
  bool is_begun_ = false;
};

/// Adds the label values and shapes of a band. Objects that several bands show count as several pieces.
void add_band_labels(const SampleScan& band, SampleScan& total) {
  for (const auto& [value, count] : band.value_counts) total.value_counts[value] += count;
  if (total.value_counts.size() > kMaxDistinctValues)
    fail(ErrorKind::data, "got a mask of over ", kMaxDistinctValues, " different values, expected class numbers");
  total.shapes.is_measured = total.shapes.is_measured || band.shapes.is_measured;
  // Bands of one or two values are not measured; their pixels count as flat, as those of such masks do.
  const ValueCounts& flat = band.shapes.is_measured ? band.shapes.flat : band.value_counts;
  for (const auto& [value, count] : flat) total.shapes.flat[value] += count;
  total.shapes.pieces += band.shapes.pieces;
  for (const auto& [value, shape] : band.shapes.borders) {
    BorderShape& border = total.shapes.borders[value];
    border.pixels += shape.pixels;
    border.thick += shape.thick;
    border.between += shape.between;
  }
}

/// Adds the intensity of a band that has valid pixels.
void add_band_intensity(const SampleScan& band, SampleScan& total) {
  if (total.sums.empty()) {
    total.sums = band.sums;
    total.square_sums = band.square_sums;
    total.lowest = band.lowest;
    total.highest = band.highest;
    return;
  }
  for (size_t c = 0; c < band.sums.size(); ++c) {
    total.sums[c] += band.sums[c];
    total.square_sums[c] += band.square_sums[c];
    total.lowest[c] = std::min(total.lowest[c], band.lowest[c]);
    total.highest[c] = std::max(total.highest[c], band.highest[c]);
  }
}

/// Returns the rows of a band: a multiple of the usual heights of tiles.
int band_rows(const SampleRegions& files, int64_t whole_bytes) {
  constexpr int64_t kBands = 16, kTileRows = 256;  // 64 MiB with the usual limit
  const int64_t rows = whole_bytes / kBands / (files.bytes() / files.size().height + 1);
  return static_cast<int>(std::max(rows / kTileRows, int64_t{1}) * kTileRows);
}

/// Scans a sample in bands of rows.
SampleScan scan_bands(SampleRegions& files, int64_t whole_bytes) {
  SampleScan total, last;
  BandedHash image_hash, mask_hash;
  const int height = files.size().height, rows = band_rows(files, whole_bytes);
  for (int y = 0; y < height; y += rows) {
    const RawSample raw = files.read({0, y, files.size().width, std::min(rows, height - y)});
    SampleScan band;
    measure(raw, band);
    image_hash.add(raw.image.pixels);
    mask_hash.add(raw.labels.values);
    add_band_labels(band, total);
    total.invalid += band.invalid;
    if (band.invalid < static_cast<int64_t>(raw.image.pixels.total())) add_band_intensity(band, total);
    last = std::move(band);
  }
  if (total.sums.empty()) add_band_intensity(last, total);  // no pixel is valid
  if (!total.shapes.is_measured) total.shapes = {};
  total.size = files.size();
  total.channels = last.channels;
  total.has_alpha = last.has_alpha;
  total.bits = last.bits;
  total.palette = last.palette;
  total.is_lossy_mask = last.is_lossy_mask;
  total.image_hash = image_hash.value();
  total.mask_hash = mask_hash.value();
  return total;
}

/// Opens a sample that is to be scanned in bands; null for others. Only a training can use one that is too large to be
/// decoded: it is refused elsewhere, by being read as a whole.
std::unique_ptr<SampleRegions> open_large(const SampleRef& sample, const ScanOptions& options) {
  std::unique_ptr<SampleRegions> files = SampleRegions::open(sample, options.whole_bytes + 1);
  const bool is_usable = files && (files->can_be_whole() || (options.trains_on_regions && sample.part == kTrain));
  return is_usable ? std::move(files) : nullptr;
}

SampleScan scan_sample(const SampleRef& sample, const ScanOptions& options) {
  const std::string image = sample.text(), labels = text_of(sample.labels);
  SampleScan found;
  if (const auto files = open_large(sample, options)) {
    SampleScan contents;
    const bool measured = attempt(found.problems, FindingKind::unreadable, image, "image cannot be read",
                                  [&] { contents = scan_bands(*files, options.whole_bytes); });
    return measured ? contents : found;
  }
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
      found[i] = scan_sample(samples[i], options);
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
