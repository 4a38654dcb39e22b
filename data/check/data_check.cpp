#include "data/check/data_check.h"

#include <algorithm>

#include "configs/schema/class_weight.h"
#include "configs/schema/error.h"
#include "data/check/checks.h"
#include "data/dataset/resolve.h"

namespace unet {
namespace {

void append(std::vector<Finding>& to, const std::vector<Finding>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

CheckedData read(const DataOptions& options, const Split& split,
                 const std::function<DataScan(const std::vector<Pair>&)>& scan) {
  CheckedData data;
  data.options = options;
  data.rule = split.rule;
  for (const Part part : {kTrain, kVal, kTest})
    for (const Pair& pair : split.part(kPartNames[part])) {
      data.pairs.push_back(pair);
      data.parts.push_back(part);
    }
  data.scan = scan(data.pairs);
  return data;
}

std::vector<size_t> usable_images(const CheckedData& data, const std::vector<Part>& parts) {
  std::vector<size_t> images;
  for (size_t i = 0; i < data.pairs.size(); ++i)
    if (data.scan.usable[i] && std::find(parts.begin(), parts.end(), data.parts[i]) != parts.end()) images.push_back(i);
  return images;
}

void report(const Error& error, std::vector<Finding>& problems) {
  const bool of_options = error.kind() == ErrorKind::config;
  problems.push_back({of_options ? FindingKind::options : FindingKind::labels, "", error.what(), ""});
}

/// Labels as training would infer them, which does not read the test part; empty where they are not known.
void find_labels(DataReport& found) {
  DataOptions& options = found.data.options;
  DataScan read_by_training;
  for (const size_t i : usable_images(found.data, {kTrain, kVal}))
    read_by_training.value_counts.push_back(found.data.scan.value_counts[i]);
  if (read_by_training.value_counts.empty() && options.labels.empty()) return;
  try {
    resolve_classes(options, read_by_training);
    return;
  } catch (const Error& error) {
    report(error, found.problems);
  }
  // Where the names are to blame, the labels can still be told.
  options.class_names.clear();
  options.class_colors.clear();
  try {
    resolve_classes(options, read_by_training);
  } catch (const Error&) {
    options.labels.clear();
  }
}

void look_at_masks(DataReport& found) {
  find_labels(found);
  found.masks = count_classes(found.data);
  check_masks(found.data, found.warnings);
  check_classes(found.masks, found.warnings);
  if (found.data.options.labels.empty()) return;
  append(found.problems, unknown_values(found.data.options, found.data.pairs, found.data.scan));
  for (size_t c = 0; c < found.masks.classes.size(); ++c)
    found.class_weights.push_back(class_weight(class_share(found.masks, c, kTrain)));
}

void look_at_images(DataReport& found) {
  const std::vector<size_t> train = usable_images(found.data, {kTrain});
  DataOptions& options = found.data.options;
  if (!train.empty()) {
    found.crop = crop_side(found.data.scan, train);
    try {
      resolve_images(options, found.data.scan, train);
    } catch (const Error& error) {
      report(error, found.problems);
    }
    found.intensity = intensity_of(found.data.scan, train, options.channels == 1 ? 1 : options.channels == 4 ? 4 : 3);
  }
  check_duplicates(found.data, found.warnings);
  check_images(found.data, found.warnings);
  check_crop(found.data, found.warnings);
}

void look_at_parts(DataReport& found) {
  const std::string& dir = found.data.options.dir;
  if (found.data.pairs.empty())
    found.problems.push_back({FindingKind::no_pair, "",
                              concat(dir, ": ", kNoPair, ". Check data.images, data.masks and data.mask_suffix"), ""});
  else if (usable_images(found.data, {kTrain}).empty())
    found.problems.push_back({FindingKind::no_training_image, "",
                              concat(dir, ": got no usable training image, expected at least one. Check data.split"),
                              ""});
  else if (usable_images(found.data, {kVal}).empty())
    found.warnings.push_back({FindingKind::no_validation_image, "",
                              concat(dir, ": without one no checkpoint is known to be the best. Set data.val_fraction"),
                              ""});
}

void sort_by_kind(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.kind < b.kind; });
}

}  // namespace

DataReport check_data(const DataOptions& options, const std::function<DataScan(const std::vector<Pair>& pairs)>& scan) {
  const Split split = list_pairs(options);
  DataReport found;
  found.data = read(options, split, scan);
  found.problems = split.problems;
  found.notes = split.notes;
  append(options.bad_file == BadFilePolicy::skip ? found.notes : found.problems, found.data.scan.problems);
  look_at_parts(found);
  look_at_masks(found);
  look_at_images(found);
  for (auto* findings : {&found.problems, &found.warnings, &found.notes}) sort_by_kind(*findings);
  return found;
}

}  // namespace unet
