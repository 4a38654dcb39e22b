#include "app/config/config.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "app/optimization/freezing.h"
#include "configs/schema/presets.h"
#include "configs/schema/writer.h"
#include "data/dataset/split.h"

namespace unet {

namespace {

void check_freezing(const Config& config, const Locations& locations) {
  const TrainOptions& train = config.train;
  const std::set<std::string> frozen(train.freeze.begin(), train.freeze.end());
  std::vector<std::string> parts = network_parts();
  if (!config.model.has_plain_encoder()) {
    parts.erase(std::find(parts.begin(), parts.end(), "bottleneck"));
    if (frozen.count("bottleneck") != 0)
      fail(ErrorKind::config, locations.text("train.freeze"), ": got bottleneck, which belongs to the encoder in a ",
           config.model.encoder, ", expected some of ", join(parts));
  }
  if (frozen.size() == parts.size())
    fail(ErrorKind::config, locations.text("train.freeze"), ": got every part of the network, expected at most ",
         parts.size() - 1, " of ", join(parts), ". Remove one, so that something is trained.");
  if (frozen.empty() && train.freeze_epochs > 0)
    fail(ErrorKind::config, locations.text("train.freeze_epochs"), ": got ", train.freeze_epochs,
         ", but train.freeze is empty. Name parts there, e.g. [encoder], or set train.freeze_epochs to 0.");
}

/// Checks constraints between options that do not depend on the data.
void check_fields(const Config& config, const Locations& locations) {
  if (config.data.val_fraction + config.data.test_fraction >= 1)
    fail(ErrorKind::config, locations.text("data.val_fraction"), ": got ", config.data.val_fraction, " and ",
         config.data.test_fraction, " for data.test_fraction, which leave no images for training. Lower one of them.");
  if (config.train.keep_steps > 0 && !config.train.save_every_steps)
    fail(ErrorKind::config, locations.text("train.keep_steps"), ": got ", config.train.keep_steps,
         " without train.save_every_steps, so there is nothing to keep. Set train.save_every_steps too, or "
         "train.keep_steps to 0.");
  if (config.train.ema_decay > 0 && config.train.swa_start > 0)
    fail(ErrorKind::config, locations.text("train.swa_start"), ": got ", config.train.swa_start,
         " with train.ema_decay ", config.train.ema_decay, ", expected one kind of average. Set one of them to 0.");
  if (config.train.validation_share > 0 && !config.train.time_budget)
    fail(ErrorKind::config, locations.text("train.validation_share"), ": got ", config.train.validation_share,
         " without train.time_budget, so there is no time to share. Set train.time_budget too (or --time 30m), or "
         "train.validation_share to 0.");
  check_freezing(config, locations);
  check_unet(config.model, locations);
}

}  // namespace

void Config::fields(FieldVisitor& visit) {
  visit("data", data, "the data set and its preprocessing");
  visit("augment", augment, "random augmentation of training samples");
  visit("model", model, "the U-Net");
  visit("loss", loss, "the loss");
  visit("train", train, "the training");
}

Tree load_config(const std::string& name_or_path) {
  if (name_or_path.empty()) return Tree{Tree::Kind::map, {}, "", {}, {}};
  const Preset* preset = find_preset(name_or_path);
  if (preset != nullptr) return load_config_text(preset->text, "preset " + name_or_path, "");
  if (!std::filesystem::exists(name_or_path))
    fail(ErrorKind::missing_input, "'", name_or_path, "' is neither a file nor a preset",
         expected_one_of(name_or_path, preset_names()));
  return load_config_file(name_or_path);
}

Locations read_config(const Tree& tree, Config& config) {
  const Locations locations = read_options(tree, config);
  for (const std::string& note : locations.notes()) spdlog::warn("{}", note);
  if (const auto note = keep_former_intensity_unit(config.augment, locations, "augment")) spdlog::warn("{}", *note);
  if (const auto note = keep_former_split(config.data, locations, "data")) spdlog::warn("{}", *note);
  check_fields(config, locations);
  return locations;
}

Config stored_config(const std::string& text, const std::string& checkpoint) {
  Config config;
  const Locations locations = read_options(parse_yaml(text, checkpoint), config);
  keep_former_intensity_unit(config.augment, locations, "augment");
  keep_former_split(config.data, locations, "data");
  check_fields(config, locations);
  return config;
}

void check_config(const Config& config, const Locations& locations) {
  const op::Pad pad = unet_padding(config.model);
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t size = config.data.size.at(axis), minimum = pad.minimum[axis];
    if (size >= minimum) continue;
    fail(ErrorKind::config, locations.text("data.size"), ": got ", size, " pixels, expected at least ", minimum,
         ", so that the deepest level has at least 2x2 pixels. Enlarge data.size or lower model.depth (now ",
         config.model.depth, ").");
  }
  int64_t classes = 0;
  for (const auto& [value, label] : config.data.labels) classes = std::max(classes, label + 1);
  const int64_t outputs = config.model.num_classes.value_or(classes);
  if (outputs < classes && !(outputs == 1 && classes == 2))
    fail(ErrorKind::config, locations.text("model.num_classes"), ": got ", outputs, ", but data.labels has ", classes,
         " classes. Leave it auto, or 1 for two classes with one logit.");
}

std::string portable_config(const Config& config) {
  const Config defaults;
  const auto values = option_values(defaults);
  Tree settings = load_config("");
  for (const std::string& path : option_paths(defaults, [](const Traits& traits) { return !traits.portable; }))
    set_value(settings, path + "=" + values.at(path));
  Config portable = config;
  read_options(settings, portable);
  return to_yaml(portable, Comments::none);
}

std::vector<std::string> config_differences(const Config& before, const Config& after) {
  const auto old_values = option_values(before);
  std::vector<std::string> differences;
  for (const auto& [path, value] : option_values(after)) {
    const auto old = old_values.find(path);
    if (old == old_values.end() || old->second != value)
      differences.push_back(path + ": " + (old == old_values.end() ? "absent" : old->second) + " -> " + value);
  }
  return differences;
}

const std::vector<std::string>& resumable_options() {
  static const auto paths = option_paths(Config(), [](const Traits& traits) { return traits.resumable; });
  return paths;
}

}  // namespace unet
