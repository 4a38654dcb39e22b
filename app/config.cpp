#include "app/config.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "configs/schema/presets.h"
#include "configs/schema/writer.h"

namespace unet {

namespace {

/// Gives each option that is no part of what is learned its default while it lives.
class WithoutLoading {
 public:
  explicit WithoutLoading(DataOptions& data)
      : data_(data), dir_(data.dir), loading_{data.num_workers, data.prefetch, data.cache_mb} {
    const DataOptions plain;
    set(plain.dir, {plain.num_workers, plain.prefetch, plain.cache_mb});
  }
  ~WithoutLoading() { set(dir_, loading_); }
  WithoutLoading(const WithoutLoading&) = delete;
  WithoutLoading& operator=(const WithoutLoading&) = delete;

 private:
  void set(const std::string& dir, const std::array<int64_t, 3>& loading) {
    data_.dir = dir;
    data_.num_workers = loading[0];
    data_.prefetch = loading[1];
    data_.cache_mb = loading[2];
  }

  DataOptions& data_;
  std::string dir_;
  std::array<int64_t, 3> loading_;
};

}  // namespace

void Config::fields(FieldVisitor& visit) {
  visit("data", data, "the images, their masks, and how they become tensors");
  visit("augment", augment, "random changes of training samples");
  visit("model", model, "the U-Net");
  visit("loss", loss, "what is minimised");
  visit("train", train, "how it is minimised");
}

Tree load_config(const std::string& name_or_path) {
  if (name_or_path.empty()) return Tree{Tree::Kind::map, {}, "", {}, {}};
  const Preset* preset = find_preset(name_or_path);
  if (preset != nullptr) return load_config_text(preset->text, "preset " + name_or_path, "");
  if (!std::filesystem::exists(name_or_path))
    fail(ErrorKind::missing_input, "[config] '", name_or_path, "' is neither a file nor a preset; ",
         expected_one_of(name_or_path, preset_names()));
  return load_config_file(name_or_path);
}

Locations read_config(const Tree& tree, Config& config) {
  const Locations locations = read_options(tree, config);
  if (config.data.val_fraction + config.data.test_fraction >= 1)
    fail(ErrorKind::config, locations.text("data.val_fraction"),
         ": val_fraction + test_fraction leave nothing to train on");
  return locations;
}

void check_config(const Config& config, const Locations& locations) {
  const int64_t smallest = *std::min_element(config.data.size.begin(), config.data.size.end());
  const int64_t minimum = unet_minimum_size(config.model);
  if (smallest < minimum)
    fail(ErrorKind::config, locations.text("data.size"), ": got ", smallest, " pixels, expected at least ", minimum,
         " = 2 * 2^depth, so that the deepest level sees 2x2. Enlarge data.size or lower model.depth (now ",
         config.model.depth, ").");
  int64_t classes = 0;
  for (const auto& [value, label] : config.data.labels) classes = std::max(classes, label + 1);
  const int64_t outputs = config.model.num_classes.value_or(classes);
  if (outputs < classes && !(outputs == 1 && classes == 2))
    fail(ErrorKind::config, locations.text("model.num_classes"), ": got ", outputs, ", but data.labels has ", classes,
         " classes. Leave it auto, or 1 for two classes with one logit.");
}

std::string portable_config(Config& config) {
  const WithoutLoading portable(config.data);
  return to_yaml(config, Comments::none);
}

std::vector<std::string> config_differences(Config& before, Config& after) {
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
  static const std::vector<std::string> paths{"data.dir",
                                              "data.num_workers",
                                              "data.prefetch",
                                              "data.cache_mb",
                                              "train.epochs",
                                              "train.early_stopping_patience",
                                              "train.log_every_steps",
                                              "train.sample_images"};
  return paths;
}

}  // namespace unet
