#include "data/convert/plan.h"

#include <algorithm>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/convert/planned_names.h"
#include "data/dataset/class_colors.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/files/composed.h"

namespace unet {
namespace {

constexpr size_t kShownRenames = 3;

/// Gives a name that is unused; a number is added to one that is not.
std::string take_name(const std::string& wanted, std::set<std::string>& used) {
  std::string name = wanted;
  for (int number = 2; !used.insert(composed(name)).second; ++number) name = concat(wanted, "-", number);
  return name;
}

void plan_samples(const FormatTraits& traits, ConversionPlan& plan) {
  const Dataset& source = plan.source;
  std::array<std::vector<std::string>, kPartCount> names;
  for (const size_t i : source.usable({kTrain, kVal, kTest})) names[source.part(i)].push_back(source.samples[i].name);
  std::array<std::set<std::string>, kPartCount> used;
  std::vector<std::string> renamed;
  for (const Part part : {kTrain, kVal, kTest}) {
    const size_t begin = common_heading(names[part]);
    for (const size_t i : source.usable({part})) {
      const std::string& name = source.samples[i].name;
      const std::string wanted =
          traits.has_subfolders ? storable_path(name.substr(begin)) : storable_name(name.substr(begin));
      const std::string given = take_name(wanted, used[traits.shares_names ? kTrain : part]);
      if (given != name.substr(begin) && given != flat_name(name.substr(begin)))
        renamed.push_back(name + " -> " + given);
      plan.samples.push_back({i, part, given});
      ++plan.images[part];
    }
  }
  if (!renamed.empty())
    plan.remarks.push_back(concat("renamed: ", renamed.size(), " (", join_first(renamed, kShownRenames), ")"));
}

/// Whether a data set without folders for its parts is divided in the same way again: by the names, with the default
/// fractions, or not at all.
bool may_stay_undivided(const ConversionPlan& plan) {
  const Dataset& source = plan.source;
  const DataOptions defaults;
  const size_t parts =
      plan.images.size() - static_cast<size_t>(std::count(plan.images.begin(), plan.images.end(), size_t{0}));
  const bool names_divide = parts > 1;
  const bool has_defaults = source.options.val_fraction == defaults.val_fraction &&
                            source.options.test_fraction == defaults.test_fraction &&
                            source.options.group_pattern.empty();
  const bool has_all = plan.samples.size() == source.samples.size();
  if (names_divide && (source.divided || !has_defaults || !has_all)) return false;
  return std::all_of(plan.samples.begin(), plan.samples.end(), [&](const PlannedSample& sample) {
    const SampleRef& ref = plan.ref(sample);
    const bool is_kept = ref.group.empty() && sample.name == ref.name && composed(ref.name) == ref.name;
    return (is_kept || !names_divide) && !begins_with_part(sample.name);
  });
}

/// Whether class 0 is what stays without annotation: by its name, or because it has none of its own and stands for the
/// value 0 or black.
bool is_background_class(const DataOptions& options, const LabelMap& labels) {
  if (is_background_name(options.class_names[0])) return true;
  return options.class_names[0] == "class 0" && (labels.class_of(0) == 0 || labels.class_of(gray_color(0)) == 0);
}

/// Makes the names of the classes unique, and different from those that the format gives a meaning.
void plan_names(const FormatTraits& traits, ConversionPlan& plan) {
  static const std::set<std::string> reserved{kIgnoreName, "ignore"};
  std::set<std::string> used;
  std::vector<std::string> renamed;
  for (size_t label = 0; label < plan.classes.names.size(); ++label) {
    std::string& name = plan.classes.names[label];
    std::string wanted = one_line(name);
    if (wanted.empty()) wanted = concat("class ", label);
    const bool is_background = label == 0 && plan.classes.first_value == 0;
    if (traits.starts_at_background && !is_background && (reserved.count(wanted) != 0 || is_background_name(wanted)))
      wanted += " class";
    if (traits.starts_at_background) wanted = take_name(wanted, used);
    if (wanted != name) renamed.push_back(name + " -> " + wanted);
    name = wanted;
  }
  if (!renamed.empty()) plan.remarks.push_back("renamed classes: " + join(renamed));
}

void plan_classes(const FormatTraits& traits, ConversionPlan& plan) {
  const DataOptions& options = plan.source.options;
  PlannedClasses& classes = plan.classes;
  classes.names = options.class_names;
  for (const std::string& color : options.class_colors) {
    const cv::Vec3b rgb = parse_color(color);
    classes.colors.push_back(label_value_text(color_value(rgb[0], rgb[1], rgb[2])));
  }
  if (traits.starts_at_background && !is_background_class(options, plan.labels)) {
    classes.first_value = 1;
    plan.remarks.push_back("class 0 (" + classes.names[0] +
                           ") is written like the other classes, from value 1 on; 0 is a background that no pixel has");
  }
  if (classes.value_of(classes.names.size()) > classes.ignored_value)
    fail(ErrorKind::data, plan.source.options.dir, ": got ", classes.names.size(), " classes and no background, ",
         "expected at most ", kMaxClasses - 1, " in this format. Use --format folders, or name class 0 background");
  if (traits.ignored_follows_classes) classes.ignored_value = classes.value_of(classes.names.size());
  int64_t ignored = 0;
  for (const PlannedSample& sample : plan.samples)
    for (const auto& [value, count] : plan.source.scan.value_counts[sample.index])
      if (plan.labels.class_of(value) == kIgnoreLabel) ignored += count;
  classes.has_ignored = ignored > 0;
  plan_names(traits, plan);
  if (ignored > 0) plan.remarks.push_back(concat("ignored pixels: ", ignored));
}

/// Classes that get all numbers from 1 to at least 65535 are numbered objects (`object_labels`).
void find_object_numbers(ConversionPlan& plan) {
  constexpr int64_t kFirstNumber = 1, kLastNumber = 65535;
  const DataOptions& options = plan.source.options;
  plan.numbers_objects.assign(plan.classes.names.size(), false);
  for (const auto& [key, label] : options.labels)
    if (label != kIgnoreLabel && !options.threshold && key.low == kFirstNumber && key.high >= kLastNumber)
      plan.numbers_objects[static_cast<size_t>(label)] = true;
}

}  // namespace

ConversionPlan plan_conversion(const Dataset& source, const FormatTraits& traits) {
  ConversionPlan plan{source, label_map(source.options), {}, {}, false, {}, {}, {}};
  plan_samples(traits, plan);
  plan.has_part_folders = !traits.may_be_undivided || !may_stay_undivided(plan);
  plan_classes(traits, plan);
  find_object_numbers(plan);
  const size_t skipped = source.samples.size() - plan.samples.size();
  if (skipped > 0) plan.remarks.push_back(concat("skipped: ", skipped, " unusable samples (data.bad_file: skip)"));
  return plan;
}

}  // namespace unet
