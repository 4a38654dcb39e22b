#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/planning/plan.h"

namespace unet {

/// Facts of made-up data sets for tests of a plan's choices, on a machine whose narrow network (width 16) trains a
/// megapixel in 1.3 seconds: two cores.
inline PlanInput planner_input(int64_t train_images, int64_t height, int64_t width, std::vector<ClassFacts> classes,
                               const std::string& time) {
  PlanInput input;
  DataFacts& data = input.data;
  data.train_images = train_images;
  data.val_images = std::max<int64_t>(1, train_images / 4);
  data.looked_at = std::min<int64_t>(32, train_images);
  data.height = height;
  data.width = width;
  data.short_side = std::min(height, width);
  data.largest_height = height;
  data.largest_width = width;
  data.train_megapixels = static_cast<double>(height * width) / 1e6;
  data.val_megapixels = data.train_megapixels * static_cast<double>(data.val_images);
  data.channels = 3;
  data.classes = std::move(classes);
  data.normalization.reason = data.orientation.vertical.reason = data.orientation.horizontal.reason = "made up";
  input.machine.speeds = {{16, 1.3, 0.3}, {32, 2.8, 0.7}};
  input.machine.load_seconds = 0.008;
  input.machine.read_seconds = 0.01;
  input.machine.threads = 2;
  input.limits.time_reason = "given";
  if (!time.empty()) input.limits.time = Duration{time, *parse_duration(time)};
  return input;
}

inline ClassFacts planner_class(const std::string& name, double share, double width, double large_width) {
  ClassFacts facts;
  facts.name = name;
  facts.share = share;
  facts.width = width;
  facts.large_width = large_width;
  facts.objects = 100;
  return facts;
}

/// The config that a plan makes of the defaults and some settings.
struct PlannedConfig {
  explicit PlannedConfig(const PlanInput& input, const std::vector<std::string>& settings = {}) {
    given = load_config("");
    for (const std::string& setting : settings) set_value(given, setting);
    read_config(given, config);
    config.data.channels = input.data.channels;
    config.model.num_classes = static_cast<int64_t>(input.data.classes.size());
    if (config.data.size.empty()) config.data.size = {256, 256};  // as the data set's own choice
    options = choose_options(input, given, config);
  }

  /// Value that the plan chose; "" if it left the option alone.
  std::string value(const std::string& path) const {
    for (const PlannedOption& each : options)
      if (each.path == path) return each.value;
    return "";
  }

  Tree given;
  Config config;
  std::vector<PlannedOption> options;
};

}  // namespace unet
