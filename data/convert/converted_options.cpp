#include "data/convert/converted_options.h"

#include "configs/schema/error.h"
#include "configs/schema/writer.h"
#include "data/convert/conversion.h"

namespace unet {

DataOptions converted_options(const ConversionPlan& plan, const DataOptions& given, const std::string& dir) {
  const DataOptions defaults;
  DataOptions options = given;
  static_cast<FileNames&>(options) = FileNames();
  options.dir = dir;
  options.format = defaults.format;
  options.annotations = options.class_attribute = "";
  options.missing_mask = defaults.missing_mask;
  options.bad_file = defaults.bad_file;
  options.split = defaults.split;
  options.val_fraction = plan.images[kVal] == 0 ? 0 : defaults.val_fraction;
  options.test_fraction = defaults.test_fraction;
  options.group_pattern = options.train_list = options.val_list = options.test_list = "";
  options.val_stems = options.test_stems = {};
  options.labels.clear();
  for (size_t label = 0; label < plan.classes.names.size(); ++label)
    options.labels.emplace(plan.classes.value_of(label), static_cast<int64_t>(label));
  options.ignore_values.clear();
  if (plan.classes.has_ignored) options.ignore_values.emplace_back(plan.classes.ignored_value);
  options.threshold = defaults.threshold;
  options.snap = defaults.snap;
  options.neighbor_pages = defaults.neighbor_pages;  // they are channels of the written images
  options.palette = defaults.palette;
  options.mask_channel = defaults.mask_channel;
  if (options.sampling == Sampling::weighted) options.sampling = defaults.sampling;  // no written layout has weights
  options.class_names = plan.classes.names;
  options.class_colors = plan.classes.colors;
  return options;
}

std::string converted_config(const DataOptions& options) {
  const auto values = option_values(options), defaults = option_values(DataOptions());
  std::string text = concat(kConversionMark, " If the folder was moved: unet train config.yaml --data FOLDER\ndata:\n");
  for (const std::string& path : option_paths(options, [](const Traits&) { return true; }))
    if (values.at(path) != defaults.at(path)) text += concat("  ", path, ": ", values.at(path), '\n');
  return text;
}

}  // namespace unet
