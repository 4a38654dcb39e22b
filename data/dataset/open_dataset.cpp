#include "data/dataset/open_dataset.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/divide_dataset.h"
#include "data/dataset/finding_groups.h"
#include "data/dataset/label_files.h"
#include "data/dataset/label_inference.h"
#include "data/dataset/label_map.h"
#include "data/dataset/label_ranges.h"
#include "data/dataset/label_text.h"
#include "data/dataset/percentiles.h"
#include "data/dataset/resolve_classes.h"
#include "data/dataset/resolve_images.h"
#include "data/dataset/unknown_values.h"
#include "data/dataset/voc_palette.h"

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

/// Reads the masks again by their alpha if that is where the labels are: the colors of every transparent mask are the
/// same everywhere, alpha has at most two values, and the other masks have a single value.
void read_alpha_if_it_has_the_labels(Dataset& dataset, const ScanOptions& scan) {
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
  take_meaning(*meaning, dataset);
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

/// Infers labels without the test part, so that test images influence nothing that they are scored with.
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
    add_problem(dataset, error);
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

void resolve_dataset_images(Dataset& dataset, const ScanOptions& scan) {
  const std::vector<size_t> train = dataset.usable({kTrain});
  if (train.empty()) return;
  try {
    const MeasureClipped measure = [&](const DataOptions& options) {
      return measure_clipped(dataset.samples, train, options, scan);
    };
    for (const std::string& line : resolve_images(dataset.options, dataset.scan, train, measure))
      dataset.decisions.push_back(line);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    add_problem(dataset, error);
  }
}

/// Images whose colors are not those of the file: a line for each color model.
std::vector<std::string> conversion_lines(const Dataset& dataset) {
  constexpr size_t kMaxExamples = 3;
  std::map<std::string, std::vector<std::string>> images;
  for (size_t i = 0; i < dataset.samples.size(); ++i)
    if (!dataset.scan.converted[i].empty()) images[dataset.scan.converted[i]].push_back(dataset.samples[i].text());
  std::vector<std::string> lines;
  for (const auto& [model, names] : images)
    lines.push_back(
        concat(model, " images converted to RGB: ", names.size(), " (", join_first(names, kMaxExamples), ")"));
  return lines;
}

/// Says what was done about EXIF rotations that only the image or only the mask has.
void describe_rotations(Dataset& dataset) {
  std::array<int64_t, 4> counts{};
  for (size_t i = 0; i < dataset.samples.size(); ++i)
    if (dataset.scan.usable[i]) ++counts[static_cast<size_t>(dataset.scan.rotations[i])];
  const auto count = [&](MaskRotation rotation) { return counts[static_cast<size_t>(rotation)]; };
  const int64_t upright = count(MaskRotation::upright), turned = count(MaskRotation::turned),
                unclear = count(MaskRotation::unclear);
  std::vector<std::string> parts;
  if (upright > 0) parts.push_back(concat(upright, " masks fit their rotated image"));
  if (turned > 0) parts.push_back(concat(turned, " masks fit the stored image and are rotated like it"));
  if (unclear > 0)
    parts.push_back(concat(unclear,
                           " masks would fit either way and are taken as they are; see them with unet "
                           "check-data --out"));
  if (!parts.empty()) dataset.decisions.push_back("EXIF rotation of the image, not of the mask: " + join(parts, ", "));
}

/// What the layout left out: a line for each kind with its count and a few examples. Files that were read and cannot be
/// used are told one by one elsewhere.
std::vector<std::string> left_out_lines(const std::vector<Finding>& notes) {
  constexpr size_t kMaxExamples = 3;
  std::map<FindingKind, std::vector<std::string>> files;
  for (const Finding& note : notes)
    if (!note.sample) files[note.kind].push_back(note.file);
  std::vector<std::string> lines;
  for (const auto& [kind, names] : files)
    lines.push_back(concat(title_of(kind), ": ", names.size(), " (", join_first(names, kMaxExamples), ")"));
  return lines;
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
    const int64_t pixels = int64_t{size.width} * size.height;
    if (can_be_whole(pixels, pixels * (scan.channels[i] * scan.bits[i] / 8 + 1))) continue;
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
  take_meaning(split.meaning, dataset);
  ScanOptions how = scan;
  how.trains_on_regions = regions_suffice(options);
  dataset.scan = scan_samples(dataset.samples, how);
  dataset.problems = split.problems;
  dataset.notes = split.notes;
  read_alpha_if_it_has_the_labels(dataset, scan);
  if (split.undivided) divide_dataset(dataset, *split.undivided);
  refuse_large_outside_training(dataset);
  append_findings(options.bad_file == BadFilePolicy::skip ? dataset.notes : dataset.problems, dataset.scan.problems);
  check_training_part(dataset);
  resolve_dataset_classes(dataset);
  if (!dataset.options.labels.empty())
    append_findings(dataset.problems, unknown_values(dataset.options, dataset.samples, dataset.scan));
  resolve_dataset_images(dataset, scan);
  describe_rotations(dataset);
  for (const std::string& line : conversion_lines(dataset)) dataset.decisions.push_back(line);
  sort_by_kind(dataset.problems);
  sort_by_kind(dataset.notes);
  for (const std::string& line : left_out_lines(dataset.notes)) dataset.decisions.push_back(line);
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
