#include "data/dataset/open_dataset.h"

#include <algorithm>

#include "configs/schema/error.h"
#include "data/dataset/resolve.h"

namespace unet {
namespace {

void append_findings(std::vector<Finding>& to, const std::vector<Finding>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void add_problem(Dataset& dataset, const Error& error) {
  const bool is_option = error.kind() == ErrorKind::config;
  dataset.problems.push_back({is_option ? FindingKind::options : FindingKind::labels, "", error.what(), ""});
}

void check_training_part(Dataset& dataset) {
  if (dataset.samples.empty() || !dataset.usable({kTrain}).empty()) return;
  dataset.problems.push_back(
      {FindingKind::no_training_image, "",
       concat(dataset.options.dir, ": got no usable training image, expected at least one. Check data.split and ",
              "data.val_fraction"),
       ""});
}

/// Uses the label values that the layout defines for the options that are `auto`. Labels that the user gives replace
/// all of it, because names and colors belong to them.
void take_meaning(const LabelMeaning& meaning, Dataset& dataset) {
  DataOptions& options = dataset.options;
  if (meaning.labels.empty() || !options.labels.empty()) return;
  options.labels = meaning.labels;
  if (options.ignore_values.empty()) options.ignore_values = meaning.ignore_values;
  if (options.class_names.empty()) options.class_names = meaning.class_names;
  if (options.class_colors.empty()) options.class_colors = meaning.class_colors;
}

/// Infers labels without the test part, so that test images influence nothing that they are scored with.
void resolve_dataset_classes(Dataset& dataset) {
  DataOptions& options = dataset.options;
  std::vector<ValueCounts> value_counts;
  for (const size_t i : dataset.usable({kTrain, kVal})) value_counts.push_back(dataset.scan.value_counts[i]);
  if (value_counts.empty() && options.labels.empty()) return;
  try {
    dataset.decisions.push_back(resolve_classes(options, value_counts));
    return;
  } catch (const Error& error) {
    add_problem(dataset, error);
  }
  // The names or colors may be at fault; the labels are then still known.
  options.class_names.clear();
  options.class_colors.clear();
  try {
    resolve_classes(options, value_counts);
  } catch (const Error&) {
    options.labels.clear();
  }
}

void resolve_dataset_images(Dataset& dataset) {
  const std::vector<size_t> train = dataset.usable({kTrain});
  if (train.empty()) return;
  try {
    for (const std::string& line : resolve_images(dataset.options, dataset.scan, train))
      dataset.decisions.push_back(line);
  } catch (const Error& error) {
    add_problem(dataset, error);
  }
}

/// Lists findings sorted by kind: each kind with its count and a few examples.
std::string grouped_by_kind(const std::vector<Finding>& findings) {
  constexpr size_t kMaxExamples = 3;
  std::string text;
  for (size_t begin = 0, end = 0; begin < findings.size(); begin = end) {
    while (end < findings.size() && findings[end].kind == findings[begin].kind) ++end;
    text += concat("\n  ", title_of(findings[begin].kind), ": ", end - begin);
    const size_t shown = std::min(end, begin + kMaxExamples);
    for (size_t i = begin; i < shown; ++i) text += "\n    " + findings[i].text;
    if (shown < end) text += concat("\n    and ", end - shown, " more");
  }
  return text;
}

}  // namespace

std::vector<size_t> Dataset::usable(const std::vector<Part>& parts) const {
  std::vector<size_t> indices;
  for (size_t i = 0; i < samples.size(); ++i)
    if (scan.usable[i] && std::find(parts.begin(), parts.end(), part(i)) != parts.end()) indices.push_back(i);
  return indices;
}

Dataset open_dataset(const DataOptions& options, const ScanOptions& scan, const std::vector<DatasetLayout>& layouts) {
  const Split split = find_samples(options, layouts);
  Dataset dataset;
  dataset.options = options;
  dataset.rule = split.rule;
  for (const Part part : {kTrain, kVal, kTest})
    dataset.samples.insert(dataset.samples.end(), split.part(part).begin(), split.part(part).end());
  dataset.decisions = split.decisions;
  take_meaning(split.meaning, dataset);
  dataset.scan = scan_samples(dataset.samples, scan);
  dataset.problems = split.problems;
  dataset.notes = split.notes;
  append_findings(options.bad_file == BadFilePolicy::skip ? dataset.notes : dataset.problems, dataset.scan.problems);
  check_training_part(dataset);
  resolve_dataset_classes(dataset);
  if (!dataset.options.labels.empty())
    append_findings(dataset.problems, unknown_values(dataset.options, dataset.samples, dataset.scan));
  resolve_dataset_images(dataset);
  sort_by_kind(dataset.problems);
  sort_by_kind(dataset.notes);
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
       " problems. To list all of them, run unet check-data with the same config and --set.", grouped_by_kind(sorted));
}

}  // namespace unet
