#include "data/dataset/open_dataset.h"

#include <algorithm>
#include <iterator>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/dataset_classes.h"
#include "data/dataset/dataset_lines.h"
#include "data/dataset/divide_dataset.h"
#include "data/dataset/finding_groups.h"
#include "data/dataset/percentiles.h"
#include "data/dataset/resolve_images.h"
#include "data/dataset/sampling.h"
#include "data/dataset/unknown_values.h"

namespace unet {
namespace {

template <class T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void check_training_part(Dataset& dataset) {
  if (dataset.samples.empty() || !dataset.usable({kTrain}).empty()) return;
  dataset.problems.push_back(
      {FindingKind::no_training_image, "",
       concat(dataset.options.dir, ": got no usable training image, expected at least one. Check data.split and ",
              "data.val_fraction"),
       ""});
}

void resolve_dataset_images(Dataset& dataset, const ScanOptions& scan) {
  const std::vector<size_t> train = dataset.usable({kTrain});
  if (train.empty()) return;
  try {
    const MeasureClipped measure = [&](const DataOptions& options) {
      return measure_clipped(dataset.samples, train, options, scan);
    };
    append_all(dataset.decisions, resolve_images(dataset.options, dataset.scan, train, measure));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    dataset.problems.push_back(problem_of(error));
  }
}

/// Whether a training never needs an image as a whole: not to resize it, nor to measure what it is normalized by.
bool regions_suffice(const DataOptions& options) {
  return options.size_policy != SizePolicy::resize && options.normalize != Normalize::per_image &&
         options.normalize != Normalize::percentile;
}

/// Makes samples unusable that are for validation or tests and too large to be decoded: only a training reads regions.
void refuse_large_outside_training(Dataset& dataset) {
  DataScan& scan = dataset.scan;
  for (const size_t i : dataset.usable({kVal, kTest})) {
    const cv::Size size = scan.sizes[i];
    if (can_be_whole(size, scan.channels[i], scan.bits[i])) continue;
    const std::string file = dataset.samples[i].text();
    scan.usable[i] = false;
    scan.problems.push_back(
        {FindingKind::unreadable, file,
         concat(file, ": too large for validation and tests, which need whole images: got ", size.width, "x",
                size.height, " pixels. Train on it (data.train_list, or a folder ", "train/), or cut it into tiles"),
         "image too large for validation", i});
  }
}

}  // namespace

std::vector<size_t> Dataset::usable(const std::vector<Part>& parts) const {
  std::vector<size_t> indices;
  for (size_t i = 0; i < samples.size(); ++i)
    if (scan.usable[i] && std::find(parts.begin(), parts.end(), part(i)) != parts.end()) indices.push_back(i);
  return indices;
}

std::vector<Finding> Dataset::skipped() const {
  std::vector<Finding> skipped;
  std::copy_if(notes.begin(), notes.end(), std::back_inserter(skipped),
               [](const Finding& note) { return note.sample.has_value(); });
  return skipped;
}

Dataset open_dataset(const DataOptions& options, const ScanOptions& scan, const std::vector<DatasetLayout>& layouts) {
  const Split split = list_parts(options, layouts);
  Dataset dataset;
  dataset.options = options;
  dataset.rule = split.rule;
  dataset.divided = split.divided;
  for (const Part part : {kTrain, kVal, kTest})
    dataset.samples.insert(dataset.samples.end(), split.part(part).begin(), split.part(part).end());
  if (split.names) static_cast<FileNames&>(dataset.options) = *split.names;
  dataset.decisions = split.decisions;
  take_label_meaning(split.meaning, dataset);
  ScanOptions how = scan;
  how.trains_on_regions = regions_suffice(options);
  dataset.scan = scan_samples(dataset.samples, how);
  dataset.problems = split.problems;
  dataset.notes = split.notes;
  read_labels_from_alpha(dataset, scan);
  if (split.undivided) divide_dataset(dataset, *split.undivided);
  refuse_large_outside_training(dataset);
  append_all(options.bad_file == BadFilePolicy::skip ? dataset.notes : dataset.problems, dataset.scan.problems);
  check_training_part(dataset);
  resolve_dataset_classes(dataset);
  if (!dataset.options.labels.empty())
    append_all(dataset.problems, unknown_values(dataset.options, dataset.samples, dataset.scan));
  resolve_dataset_images(dataset, scan);
  resolve_sampling(dataset);
  append_all(dataset.decisions, rotation_lines(dataset));
  append_all(dataset.decisions, conversion_lines(dataset));
  sort_by_kind(dataset.problems);
  sort_by_kind(dataset.notes);
  append_all(dataset.decisions, left_out_lines(dataset.notes));
  return dataset;
}

void refuse_problems(const std::string& dir, const std::vector<Finding>& problems) {
  if (problems.empty()) return;
  const bool all_options = std::all_of(problems.begin(), problems.end(),
                                       [](const Finding& problem) { return problem.kind == FindingKind::options; });
  const ErrorKind kind = all_options ? ErrorKind::config : ErrorKind::data;
  if (problems.size() == 1) fail(kind, problems[0].text);
  std::vector<Finding> sorted = problems;
  sort_by_kind(sorted);
  fail(kind, dir, ": ", sorted.size(),
       " problems. To list all of them, run unet check-data with the same config and --set.",
       finding_list(sorted, dir));
}

}  // namespace unet
