#include "data/dataset/scan.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

#include "configs/schema/error.h"
#include "data/dataset/label_map.h"
#include "data/dataset/measure_sample.h"
#include "data/dataset/read_sample.h"
#include "data/dataset/scan_bands.h"

namespace unet {
namespace {

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
    problems.push_back({kind, file, file + ": does not fit into memory. Cut it into tiles", reason});
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

/// Opens a sample that is to be scanned in bands. Returns null for others, and for those that are refused when they are
/// read as a whole.
std::unique_ptr<SampleRegions> open_large(const SampleRef& sample, const ScanOptions& options) {
  std::unique_ptr<SampleRegions> files = SampleRegions::open(sample, options.whole_bytes + 1);
  const bool is_usable = files && (options.trains_on_regions || can_be_whole(files->pixels(), files->bytes()));
  return is_usable ? std::move(files) : nullptr;
}

SampleScan scan_sample(const SampleRef& sample, const ScanOptions& options) {
  const std::string image = sample.text(), labels = text_of(sample.labels);
  SampleScan found;
  if (const auto files = open_large(sample, options)) {
    SampleScan contents;
    const bool measured = attempt(found.problems, FindingKind::unreadable, image, "image cannot be read",
                                  [&] { contents = scan_bands(*files, options.whole_bytes, options.objects); });
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
  const bool measured = attempt(found.problems, FindingKind::unreadable, image, "image cannot be read",
                                [&] { measure_sample(raw, options.objects, contents); });
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
    scan.objects.push_back(std::move(sample.objects));
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
    scan.fingerprints.push_back(sample.fingerprint);
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
  ScanCache cache(options.cache);
  const auto is_complete = [&](const SampleScan& stored) {
    const bool is_usable = options.trains_on_regions || can_be_whole(stored.size, stored.channels, stored.bits);
    return is_usable && (stored.objects.is_measured || !options.objects);
  };
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
      found[i] = cache.get(samples[i], is_complete, [&] { return scan_sample(samples[i], options); });
      if (!options.objects) found[i].objects = {};  // another scan stored them
      const std::lock_guard<std::mutex> lock(progress_mutex);
      ++done;
      if (options.progress) options.progress(done, samples.size());
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < options.threads && static_cast<size_t>(i) < samples.size(); ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  const ScanCacheUse use = cache.save();
  if (stopped)
    fail(ErrorKind::interrupted, "stopped after reading ", done, " of ", samples.size(), " images of the data set");
  DataScan scan = collect(found);
  scan.cache = use;
  return scan;
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
