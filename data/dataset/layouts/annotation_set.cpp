#include "data/dataset/layouts/annotation_set.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

const std::string& image_path(const SampleRef& sample) { return std::get<ImageFile>(sample.image).path; }

/// The folder that all paths have in common, with a slash at the end; "" if there is none.
std::string common_folder(const std::vector<std::string>& paths) {
  if (paths.empty()) return "";
  const auto [first, last] = std::minmax_element(paths.begin(), paths.end());
  const auto [end, ignored] = std::mismatch(first->begin(), first->end(), last->begin(), last->end());
  const std::string common(first->begin(), end);
  return common.substr(0, common.rfind('/') + 1);  // npos + 1 is 0
}

std::optional<Part> part_of_folders(const std::string& path) {
  for (const fs::path& folder : fs::path(path).parent_path())
    if (const std::optional<Part> part = part_in_name(folder.string())) return part;
  return std::nullopt;
}

void divide(const DataOptions& options, const std::vector<std::string>& relative, SampleList& list) {
  const bool is_wanted = options.split == SplitMode::automatic || options.split == SplitMode::folders;
  std::set<Part> parts;
  bool has_all = is_wanted && !list.samples.empty();
  for (size_t i = 0; i < list.samples.size() && has_all; ++i) {
    std::optional<Part>& part = list.samples[i].part;
    if (!part) part = part_of_folders(relative[i]);
    if (part) parts.insert(*part);
    has_all = part.has_value();
  }
  if (has_all && parts.count(kTrain) != 0) {
    list.parts.assign(parts.begin(), parts.end());
    std::vector<std::string> names;
    for (const Part part : list.parts) names.emplace_back(kPartNames[part]);
    list.rule = "as the files say: " + join(names);
    return;
  }
  for (SampleRef& sample : list.samples) sample.part.reset();
  if (options.split == SplitMode::folders && !list.samples.empty())
    fail(ErrorKind::config, "[data.split] got folders, but neither folders nor annotation files in ", options.dir,
         " name a training part, expected train and val. Set data.split: fraction");
}

}  // namespace

bool is_background_name(const std::string& name) {
  const std::string lower = lower_case(name);
  return lower == "background" || lower == "_background_" || lower == "__background__";
}

std::string examples(const std::vector<std::string>& names) {
  constexpr size_t kShown = 3;
  return join_first(names, kShown);
}

size_t ClassNames::add(const std::string& name, const std::string& color) {
  const auto [place, is_new] = numbers_.emplace(name, names_.size());
  if (is_new) {
    names_.push_back(name);
    colors_.push_back(color);
  }
  return place->second;
}

void ClassNames::fix(const std::vector<std::string>& class_names) {
  for (size_t i = 1; i < class_names.size(); ++i) add(class_names[i]);
  fixed_ = names_.size();
}

std::vector<std::string> ClassNames::unexpected(const std::set<int64_t>& numbers) const {
  std::vector<std::string> names;
  for (const int64_t number : numbers) {
    const auto i = static_cast<size_t>(number);
    if (fixed_ != 0 && i >= fixed_ && !is_background_name(names_[i]) && names_[i] != kIgnoreName)
      names.push_back(names_[i]);
  }
  return names;
}

std::vector<size_t> ClassNames::order() const {
  std::vector<size_t> numbers(names_.size());
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  if (is_sorted_) std::sort(numbers.begin(), numbers.end(), [&](size_t a, size_t b) { return names_[a] < names_[b]; });
  numbers.erase(std::remove_if(numbers.begin(), numbers.end(),
                               [&](size_t i) { return is_background_name(names_[i]) || names_[i] == kIgnoreName; }),
                numbers.end());
  return numbers;
}

std::vector<int64_t> ClassNames::values() const {
  const std::vector<size_t> numbers = order();
  if (static_cast<int64_t>(numbers.size()) >= kMaxClasses)
    fail(ErrorKind::data, "the annotations have ", numbers.size(), " classes (", names_[numbers[0]], ", ",
         names_[numbers[1]], ", ...), expected at most ", kMaxClasses - 1, ". Merge some in the annotation tool");
  std::vector<int64_t> values(names_.size(), 0);
  for (size_t i = 0; i < numbers.size(); ++i) values[numbers[i]] = static_cast<int64_t>(i) + 1;
  if (const auto ignored = numbers_.find(kIgnoreName); ignored != numbers_.end())
    values[ignored->second] = kIgnoredValue;
  return values;
}

LabelMeaning ClassNames::meaning() const {
  const std::vector<size_t> numbers = order();
  LabelMeaning meaning;
  if (numbers.empty()) return meaning;
  meaning.labels.emplace(0, 0);
  meaning.class_names.emplace_back("background");
  meaning.class_colors.emplace_back("#000000");
  for (const size_t i : numbers) {
    const auto value = static_cast<int64_t>(meaning.class_names.size());
    meaning.labels.emplace(value, value);
    meaning.class_names.push_back(names_[i]);
    meaning.class_colors.push_back(colors_[i]);
  }
  const bool has_all_colors = std::none_of(meaning.class_colors.begin(), meaning.class_colors.end(),
                                           [](const std::string& color) { return color.empty(); });
  if (!has_all_colors) meaning.class_colors.clear();
  if (has(kIgnoreName)) meaning.ignore_values.emplace_back(kIgnoredValue);
  return meaning;
}

AnnotationSet::AnnotationSet(const DataOptions& options) : options_(options), images_(options.dir) {
  LabelClasses indices;
  for (size_t i = 0; i < options.class_names.size(); ++i)
    indices.emplace(static_cast<int64_t>(i), static_cast<int64_t>(i));
  if (!indices.empty() && options.labels == indices) classes_.fix(options.class_names);
}

std::string AnnotationSet::path(const std::string& relative) const {
  return (fs::path(options_.dir) / relative).string();
}

std::optional<std::string> AnnotationSet::find_image(const std::string& name, const std::string& file,
                                                     std::optional<Part> part) {
  std::vector<std::string> found = images_.find(name, folder_of(file));
  if (found.size() > 1 && part) {
    std::vector<std::string> of_part;
    for (const std::string& image : found)
      if (part_of_folders(image) == part) of_part.push_back(image);
    if (!of_part.empty()) found = of_part;
  }
  if (found.size() == 1) return found[0];
  if (found.empty())
    report_orphan(path(file) + " (" + name + ")", "no such image below " + options_.dir, "no image");
  else
    report_orphan(path(file) + " (" + name + ")", "this name may mean " + examples(found), "several images");
  return std::nullopt;
}

void AnnotationSet::add(AnnotatedImage image) {
  const auto [labeled, is_new] = files_of_[image.image].emplace(image.part, image.file);
  if (!is_new && labeled->second != image.file)
    fail(ErrorKind::config, "[data.annotations] ", path(labeled->second), " and ", path(image.file),
         " label the same image ", image.image, ". Choose one of them: --set 'data.annotations=", labeled->second, "'");
  if (!is_new) {
    report_unusable(image.file, image.image, "the image is labeled twice, expected once", "labeled twice");
    return;
  }
  annotated_.push_back(std::move(image));
}

void AnnotationSet::report_unusable(const std::string& file, const std::string& image, const std::string& text,
                                    const std::string& reason) {
  reported_.insert(image);
  findings(options_.bad_file)
      .push_back({FindingKind::unreadable, path(file), concat(path(file), " (", image, "): ", text), reason});
}

void AnnotationSet::report_unreadable(const std::string& file, const Error& error) {
  for (const std::string& image : images_.find_stem(stem_of(file), folder_of(file))) reported_.insert(image);
  findings(options_.bad_file)
      .push_back({FindingKind::unreadable, path(file), error.what(), "annotations cannot be read"});
}

void AnnotationSet::report_orphan(const std::string& file, const std::string& text, const std::string& reason) {
  const bool is_note = options_.missing_mask == BadFilePolicy::skip;
  const std::string remedy = is_note ? "" : ". Add what is missing, or set data.missing_mask: skip";
  findings(options_.missing_mask).push_back({FindingKind::orphan, file, file + ": " + text + remedy, reason});
}

void AnnotationSet::report_unlabeled(bool as_orphans, const std::string& expected) {
  std::set<std::string> folders;
  for (const auto& [image, files] : files_of_) folders.insert(folder_of(image));
  std::vector<std::string> others;
  for (const std::string& image : images_.paths()) {
    if (files_of_.count(image) != 0 || reported_.count(image) != 0) continue;
    if (as_orphans && folders.count(folder_of(image)) != 0)
      report_orphan(path(image), "no annotations; looked for " + expected, "no annotations");
    else
      others.push_back(image);
  }
  if (!others.empty())
    decide(concat("left out: ", others.size(), " images without annotations (", examples(others), ")"));
}

SampleList AnnotationSet::finish(const std::string& source) {
  SampleList list;
  list.meaning = classes_.meaning();
  const std::vector<int64_t> values = classes_.values();
  std::vector<std::string> empty;
  std::set<int64_t> used;
  size_t shapes = 0;
  for (AnnotatedImage& image : annotated_) {
    shapes += image.shapes.size();
    if (image.shapes.empty()) empty.push_back(image.image);
    for (LabeledShape& shape : image.shapes) {
      used.insert(shape.value);
      shape.value = values.at(static_cast<size_t>(shape.value));
    }
    ShapeLabels labels({path(image.file), image.item, std::move(image.shapes), image.size, image.is_normalized});
    list.samples.push_back({"", ImageFile(path(image.image)), std::move(labels), "", image.part});
  }
  list.decisions.push_back(concat("annotations: ", source, ", ", annotated_.size(), " images, ", shapes, " shapes"));
  for (const std::string& line : decisions_) list.decisions.push_back(line);
  for (const auto& [what, count] : left_out_) list.decisions.push_back(concat("left out: ", count, " ", what));
  if (!empty.empty())
    list.decisions.push_back(concat("background only: ", empty.size(), " of ", annotated_.size(),
                                    " images, which have no shape (", examples(empty), ")"));
  if (const std::vector<std::string> names = classes_.unexpected(used); !names.empty())
    problems_.push_back(
        {FindingKind::labels, "",
         concat("[data.class_names] the annotations have classes that are not among them: ", join(names),
                ". Rename them in the annotation tool, or remove data.labels and data.class_names"),
         "unexpected classes"});
  list.problems = std::move(problems_);
  list.notes = std::move(notes_);
  complete_list(options_, list);
  return list;
}

void complete_list(const DataOptions& options, SampleList& list) {
  std::vector<std::string> relative;
  for (const SampleRef& sample : list.samples)
    relative.push_back(fs::path(image_path(sample)).lexically_relative(options.dir).generic_string());
  divide(options, relative, list);
  const std::string common = common_folder(relative);
  std::map<std::string, int> uses;
  const auto short_name = [&](const std::string& path) {
    return fs::path(path.substr(common.size())).replace_extension().generic_string();
  };
  for (const std::string& path : relative) ++uses[short_name(path)];
  for (size_t i = 0; i < relative.size(); ++i) {
    const std::string name = short_name(relative[i]);
    list.samples[i].name = uses[name] == 1 ? name : relative[i].substr(common.size());
  }
  std::sort(list.samples.begin(), list.samples.end(),
            [](const SampleRef& a, const SampleRef& b) { return a.name < b.name; });
}

}  // namespace unet
