#include "data/dataset/dataset_classes.h"

#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/label_files.h"
#include "data/dataset/label_inference.h"
#include "data/dataset/label_map.h"
#include "data/dataset/label_ranges.h"
#include "data/dataset/label_text.h"
#include "data/dataset/resolve_classes.h"
#include "data/dataset/voc_palette.h"

namespace unet {
namespace {

/// Folders that may hold a list of classes: the data set's, its folder of masks, and those around the first mask.
std::vector<std::string> class_list_folders(const Dataset& dataset) {
  const std::filesystem::path dir(dataset.options.dir);
  std::vector<std::string> folders{dir.string(), (dir / dataset.options.masks).string()};
  if (dataset.samples.empty()) return folders;
  if (const auto* mask = std::get_if<MaskFile>(&dataset.samples.front().labels)) {
    const std::filesystem::path folder = std::filesystem::path(mask->path).parent_path();
    folders.push_back(folder.string());
    folders.push_back(folder.parent_path().string());
  }
  return folders;
}

/// Takes names, colors and values of the classes from a list of classes, for the options that are `auto`.
void take_class_list(Dataset& dataset, const LabelEvidence& evidence) {
  if (!dataset.options.labels.empty() || dataset.options.threshold) return;
  const std::optional<ClassList> list = find_class_list(class_list_folders(dataset));
  if (!list) return;
  const LabelEvidence used = without_values(evidence, dataset.options.ignore_values);
  const std::optional<LabelMeaning> meaning = meaning_of(*list, used);
  if (!meaning) {
    dataset.decisions.push_back(concat("labels: ", list->path, " lists ", list->classes.size(),
                                       " classes that do not fit the mask values; it is not used"));
    return;
  }
  take_label_meaning(*meaning, dataset);
  dataset.decisions.push_back(concat("labels: names and colors of the classes from ", list->path));
}

/// Ignores a value that only lies in thin lines between others, and the void color of Pascal VOC, if files name the
/// classes but not this value.
void ignore_border(Dataset& dataset, const LabelEvidence& evidence) {
  DataOptions& options = dataset.options;
  for (const auto& [value, count] : evidence.counts) {
    if (!may_be_void(value) || label_map(options).knows(value) || !is_border(evidence, value)) continue;
    options.ignore_values.emplace_back(value);
    dataset.decisions.push_back(concat("labels: ", value, " (", count,
                                       " pixels) only lies in thin lines between other ", "values: ignored, as with ",
                                       ignore_setting({value})));
  }
  if (const auto color = voc_void_color(evidence); color && !label_map(options).knows(*color)) {
    options.ignore_values.emplace_back(*color);
    dataset.decisions.push_back(voc_void_text(evidence, *color));
  }
}

/// Throws if an index stands for different colors in two masks.
void check_palettes(const Dataset& dataset, const LabelEvidence& evidence) {
  if (!evidence.conflict) return;
  const auto described = [&](size_t which) {
    const cv::Vec3b color = evidence.conflict->colors[which];
    return concat(text_of(dataset.samples[evidence.conflict->samples[which]].labels), " (",
                  label_value_text(color_value(color[0], color[1], color[2])), ")");
  };
  fail(ErrorKind::data, "[data.palette] the masks' palettes differ: index ", evidence.conflict->index,
       " has one color in ", described(0), " and another in ", described(1), ", so the index is no class. ",
       "Read the colors: --set data.palette=colors. If the indices are the classes all the same, give them: ",
       labels_setting(number_values(values_of(evidence.counts))));
}

/// Throws if some masks have numbers and others colors.
void check_mask_kinds(const Dataset& dataset, const LabelEvidence& evidence) {
  if (evidence.gray.empty() || evidence.colored.empty() || evidence.palettes > 0) return;
  constexpr size_t kMaxExamples = 3;
  const bool are_colored_fewer = evidence.colored.size() <= evidence.gray.size();
  std::vector<std::string> files;
  for (const size_t i : are_colored_fewer ? evidence.colored : evidence.gray)
    files.push_back(text_of(dataset.samples[i].labels));
  fail(ErrorKind::data, "[data.masks] got ", evidence.colored.size(), " masks in colors and ", evidence.gray.size(),
       " with gray values or indices, expected one kind. Convert or remove these ",
       are_colored_fewer ? "color" : "gray", " masks: ", join_first(files, kMaxExamples));
}

}  // namespace

void take_label_meaning(const LabelMeaning& meaning, Dataset& dataset) {
  DataOptions& options = dataset.options;
  if (meaning.labels.empty() || !options.labels.empty()) return;
  options.labels = meaning.labels;
  if (options.ignore_values.empty()) options.ignore_values = meaning.ignore_values;
  if (options.class_names.empty()) options.class_names = meaning.class_names;
  if (options.class_colors.empty()) options.class_colors = meaning.class_colors;
}

void read_labels_from_alpha(Dataset& dataset, const ScanOptions& scan) {
  const std::vector<double>* color = nullptr;
  ValueCounts alpha;
  size_t transparent = 0;
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    const std::optional<AlphaMask>& mask = dataset.scan.alpha_masks[i];
    if (!mask && dataset.scan.usable[i] && dataset.scan.value_counts[i].size() > 1) return;
    if (!mask) continue;
    if (mask->color.empty() || (color != nullptr && *color != mask->color)) return;
    color = &mask->color;
    ++transparent;
    for (const auto& [value, count] : mask->counts) alpha[value] += count;
  }
  if (transparent == 0 || alpha.size() > 2) return;
  dataset.options.mask_channel = MaskChannel::alpha;
  for (SampleRef& sample : dataset.samples) sample.reading.channel = MaskChannel::alpha;
  dataset.decisions.push_back(concat("labels: ", transparent, " of ", dataset.samples.size(),
                                     " masks are transparent and have a single color, so labels are read from the ",
                                     "alpha channel (data.mask_channel: alpha)"));
  dataset.scan = scan_samples(dataset.samples, scan);
}

void resolve_dataset_classes(Dataset& dataset) {
  DataOptions& options = dataset.options;
  const LabelEvidence evidence = gather_labels(dataset.scan, dataset.usable({kTrain, kVal}));
  if (evidence.masks == 0 && options.labels.empty()) return;
  const bool has_meaning = !options.labels.empty();
  try {
    if (!has_meaning && !options.threshold) {
      check_palettes(dataset, evidence);
      check_mask_kinds(dataset, evidence);
    }
    take_class_list(dataset, evidence);
    if (!has_meaning && !options.labels.empty()) ignore_border(dataset, evidence);
    for (const std::string& line : resolve_classes(options, evidence)) dataset.decisions.push_back(line);
    return;
  } catch (const Error& error) {
    dataset.problems.push_back(problem_of(error));
  }
  // The names or colors may be at fault; the labels are then still known.
  options.class_names.clear();
  options.class_colors.clear();
  try {
    resolve_classes(options, evidence);
  } catch (const Error&) {
    options.labels.clear();
  }
}

}  // namespace unet
