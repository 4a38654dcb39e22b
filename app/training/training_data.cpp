#include "app/training/training_data.h"

#include <spdlog/spdlog.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

#include "app/runtime/progress_bar.h"
#include "app/runtime/threads.h"
#include "app/runtime/user_folder.h"
#include "app/runtime/version.h"
#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/finding_groups.h"
#include "data/files/cache_folder.h"
#include "data/files/file_stamp.h"
#include "data/samples/photometric.h"

namespace unet {
namespace {

std::vector<double> shares(const std::vector<int64_t>& pixels) {
  const auto sum = static_cast<double>(std::accumulate(pixels.begin(), pixels.end(), int64_t{0}));
  std::vector<double> result;
  for (const int64_t count : pixels) result.push_back(sum == 0 ? 0 : static_cast<double>(count) / sum);
  return result;
}

void log_shares(const DataOptions& data, const std::vector<double>& class_share) {
  std::vector<std::string> parts;
  for (size_t c = 0; c < class_share.size(); ++c)
    parts.push_back(fmt::format("{} {:.1f}%", data.class_names.at(c), 100 * class_share[c]));
  spdlog::info("share of the training pixels by class: {}", join(parts));
}

/// Version of the program; builds of a changed checkout differ by the time of their file.
std::string program_identity() {
  const std::optional<FileStamp> program = stamp_of("/proc/self/exe");
  return concat(version_text(), " ", program ? program->modified : 0);
}

ScanCacheOptions scan_cache_options(const std::string& dir, StoredScans stored) {
  const std::string folder = user_cache_folder();
  if (folder.empty()) spdlog::debug("neither XDG_CACHE_HOME nor HOME is set: the scan of the data is not stored");
  if (folder.empty() || stored == StoredScans::unused) return {};
  ScanCacheOptions options;
  options.file = cache_file(folder, dir, ".scan");
  options.dir = dir;
  options.program = program_identity();
  options.is_renewed = stored == StoredScans::renewed;
  return options;
}

void log_scan_cache(const ScanCacheUse& cache, size_t samples) {
  if (cache.reused > 0)
    spdlog::info("data: {} of {} samples unchanged since the last scan (--rescan reads them again)", cache.reused,
                 samples);
  if (!cache.damage.empty()) spdlog::info("{}; all samples were read", cache.damage);
  if (!cache.not_kept.empty()) spdlog::debug("the next start reads samples again: {}", cache.not_kept);
}

}  // namespace

std::vector<double> training_class_share(const Dataset& dataset) {
  std::vector<bool> is_train(dataset.samples.size());
  for (size_t i = 0; i < dataset.samples.size(); ++i) is_train[i] = dataset.part(i) == kTrain;
  return shares(class_pixels(dataset.options, dataset.scan, is_train));
}

/// The text is hashed into checkpoints: a change of it makes every run look as if its data had changed.
std::string data_fingerprint(const Dataset& dataset) {
  std::ostringstream written;  // one for all: making one takes longer than writing to it
  for (const size_t i : dataset.usable({kTrain, kVal})) {
    const cv::Size size = dataset.scan.sizes[i];
    written << dataset.samples[i].name << '\n'
            << (dataset.part(i) == kTrain) << ' ' << size.width << 'x' << size.height << ' ';
    for (const auto& [value, count] : dataset.scan.value_counts[i]) written << value << ':' << count << ' ';
    for (const double sum : dataset.scan.sums[i]) written << sum << ' ';
    if (const auto weight = dataset.samples[i].weight) written << "weight " << *weight << ' ';
  }
  const std::string text = written.str();
  return concat(std::hex, XXH3_64bits(text.data(), text.size()));
}

Dataset open_dataset_with_progress(const DataOptions& options, const std::function<bool()>& stop, StoredScans stored,
                                   bool objects) {
  ProgressBar bar("reading the data");
  ScanOptions scan;
  scan.threads = usable_processors();
  scan.objects = objects;
  scan.progress = [&](size_t done, size_t total) { bar.show(static_cast<double>(done) / static_cast<double>(total)); };
  scan.stop = stop;
  scan.cache = scan_cache_options(options.dir, stored);
  Dataset dataset = open_dataset(options, scan);
  log_scan_cache(dataset.scan.cache, dataset.samples.size());
  return dataset;
}

std::vector<Finding> accept_dataset(Config& config, const Locations& locations, const Dataset& dataset) {
  std::vector<Finding> problems = dataset.problems;
  if (dataset.options.labels.empty() || dataset.options.size.empty()) return problems;
  config.data = dataset.options;
  try {
    LossContext context;
    context.class_share = training_class_share(dataset);
    if (!config.model.num_classes) config.model.num_classes = static_cast<int64_t>(context.class_share.size());
    check_config(config, locations);
    check_channels(config.augment, config.data, locations, "augment");
    context.num_classes = std::max<int64_t>(2, *config.model.num_classes);
    context.class_share.resize(static_cast<size_t>(context.num_classes), 0);
    check_losses(config.loss, context);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config) throw;
    problems.push_back({FindingKind::options, "", error.what(), ""});
  }
  sort_by_kind(problems);
  return problems;
}

Dataset open_training_dataset(Config& config, const Locations& locations, const std::function<bool()>& stop,
                              StoredScans stored) {
  if (config.data.dir.empty())
    fail(ErrorKind::config, locations.text("data.dir"),
         ": not set. Pass --data DIR, a folder with images/ and masks/.");
  Dataset dataset = open_dataset_with_progress(config.data, stop, stored);
  refuse_problems(config.data.dir, accept_dataset(config, locations, dataset));
  return dataset;
}

TrainingData list_training_data(const Config& config, const Dataset& dataset) {
  if (const auto skipped = dataset.skipped(); !skipped.empty())
    spdlog::warn("skipped: {}{}", counted(skipped.size(), "sample"), finding_list(skipped, config.data.dir));

  TrainingData result;
  std::array<size_t, kPartCount> images{};
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    const Part part = dataset.part(i);
    ++images[part];
    if (dataset.scan.usable[i] && part != kTest)
      (part == kTrain ? result.train : result.val).push_back(dataset.samples[i]);
  }
  spdlog::info("data: {}: {} training, {} validation, {} test images ({})", config.data.dir, images[kTrain],
               images[kVal], images[kTest], dataset.rule);
  for (const std::string& decision : dataset.decisions) spdlog::info("data: {}", decision);
  if (const auto warning = intensity_warning(config.augment, config.data)) spdlog::warn("{}", *warning);
  if (const auto warning = channel_warning(config.augment, config.data)) spdlog::warn("{}", *warning);
  if (result.val.empty()) spdlog::warn("no validation images: the last checkpoint counts as the best one");
  result.class_share = training_class_share(dataset);
  log_shares(config.data, result.class_share);
  result.fingerprint = data_fingerprint(dataset);
  return result;
}

TrainingData prepare_data(Config& config, const Locations& locations, const std::function<bool()>& stop,
                          StoredScans stored) {
  return list_training_data(config, open_training_dataset(config, locations, stop, stored));
}

TrainingSet training_set(const Config& config, const std::vector<SampleRef>& samples) {
  return TrainingSet(
      samples, config.data, config.augment, static_cast<uint64_t>(config.train.seed),
      [](const std::string& text) { spdlog::warn("{}", text); }, boundary_weights(config.loss));
}

LoaderPlan loader_plan(const Config& config, const Execution& execution) {
  LoaderPlan plan{config.train.batch_size, config.data.num_workers, config.data.prefetch};
  plan.pinned = execution.device.is_cuda();
  return plan;
}

}  // namespace unet
