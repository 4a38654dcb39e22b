#include "app/training/training_data.h"

#include <spdlog/spdlog.h>
#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "app/runtime/progress_bar.h"
#include "data/dataset/pairing.h"
#include "data/dataset/resolve.h"
#include "data/dataset/scan.h"

namespace unet {
namespace {

[[noreturn]] void fail_with_list(const std::vector<std::string>& problems, const std::string& dir) {
  constexpr size_t kListed = 50;
  fail(ErrorKind::data, "[data] ", dir, ": ", problems.size(), problems.size() == 1 ? " problem" : " problems", ":\n  ",
       join_first(problems, kListed, "\n  "));
}

DataScan scan_with_progress(const std::vector<Pair>& pairs) {
  ProgressBar bar("reading the data");
  const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return scan_pairs(pairs, threads,
                    [&](size_t done) { bar.show(static_cast<double>(done) / static_cast<double>(pairs.size())); });
}

std::string fingerprint(const std::vector<Pair>& pairs, const DataScan& scan, const std::vector<bool>& is_train) {
  std::string text;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!scan.usable[i]) continue;
    text += concat(pairs[i].stem, '\n', is_train[i], ' ', scan.sizes[i].width, 'x', scan.sizes[i].height, ' ');
    for (const auto& [value, count] : scan.value_counts[i]) text += concat(value, ':', count, ' ');
    for (const double sum : scan.sums[i]) text += concat(sum, ' ');
  }
  return concat(std::hex, XXH3_64bits(text.data(), text.size()));
}

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
  spdlog::info("share of the training pixels: {}", join(parts));
}

}  // namespace

TrainingData prepare_data(Config& config, const Locations& locations) {
  DataOptions& data = config.data;
  if (data.dir.empty())
    fail(ErrorKind::config, locations.text("data.dir"),
         ": not given. Pass --data DIR, a folder with images/ and masks/.");
  Split split = find_pairs(data);
  std::vector<std::string> problems = texts_of(split.problems);
  std::vector<Pair> pairs = split.train;
  pairs.insert(pairs.end(), split.val.begin(), split.val.end());
  std::vector<bool> is_train(pairs.size(), false);
  std::fill_n(is_train.begin(), split.train.size(), true);
  spdlog::info("data: {}: {} training, {} validation, {} test images ({})", data.dir, split.train.size(),
               split.val.size(), split.test.size(), split.rule);

  const DataScan scan = scan_with_progress(pairs);
  if (data.bad_file == BadFilePolicy::skip)
    for (const Finding& problem : scan.problems) spdlog::warn("skipped: {}", problem.text);
  else
    for (const Finding& problem : scan.problems) problems.push_back(problem.text);
  if (!problems.empty()) fail_with_list(problems, data.dir);
  for (const std::string& decision : resolve_data(data, scan, is_train)) spdlog::info("data: {}", decision);
  const auto unknown = texts_of(unknown_values(data, pairs, scan));
  if (!unknown.empty()) fail_with_list(unknown, data.dir);

  TrainingData result;
  for (size_t i = 0; i < pairs.size(); ++i)
    if (scan.usable[i]) (is_train[i] ? result.train : result.val).push_back(pairs[i]);
  if (result.train.empty()) fail(ErrorKind::data, "[data] ", data.dir, ": no usable training image is left");
  if (result.val.empty()) spdlog::warn("no validation images: the last checkpoint is the best one there is");
  result.class_share = shares(class_pixels(data, scan, is_train));
  log_shares(data, result.class_share);
  result.fingerprint = fingerprint(pairs, scan, is_train);
  if (!config.model.num_classes) config.model.num_classes = static_cast<int64_t>(result.class_share.size());
  check_config(config, locations);
  return result;
}

LoaderPlan loader_plan(const Config& config, const Execution& execution) {
  LoaderPlan plan{config.train.batch_size, config.data.num_workers, config.data.prefetch};
  plan.pinned = execution.device.is_cuda();
  return plan;
}

}  // namespace unet
