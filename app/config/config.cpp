#include "app/config/config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "app/optimization/freezing.h"
#include "configs/schema/duration.h"
#include "configs/schema/presets.h"
#include "configs/schema/writer.h"

namespace unet {

namespace {

/// Gives each option that is no part of what is learned its default while it lives.
class WithoutLoading {
 public:
  explicit WithoutLoading(Config& config)
      : data_(config.data),
        model_(config.model),
        train_(config.train),
        dir_(data_.dir),
        loading_{data_.num_workers, data_.prefetch, data_.cache_mb},
        encoder_weights_(model_.encoder_weights),
        checkpoints_(train_.checkpoint_activations) {
    const DataOptions plain;
    set(plain.dir, {plain.num_workers, plain.prefetch, plain.cache_mb}, UNetOptions().encoder_weights,
        TrainOptions().checkpoint_activations);
  }
  ~WithoutLoading() { set(dir_, loading_, encoder_weights_, checkpoints_); }
  WithoutLoading(const WithoutLoading&) = delete;
  WithoutLoading& operator=(const WithoutLoading&) = delete;

 private:
  void set(const std::string& dir, const std::array<int64_t, 3>& loading, const std::string& encoder_weights,
           bool checkpoints) {
    data_.dir = dir;
    data_.num_workers = loading[0];
    data_.prefetch = loading[1];
    data_.cache_mb = loading[2];
    model_.encoder_weights = encoder_weights;
    train_.checkpoint_activations = checkpoints;
  }

  DataOptions& data_;
  UNetOptions& model_;
  TrainOptions& train_;
  std::string dir_;
  std::array<int64_t, 3> loading_;
  std::string encoder_weights_;
  bool checkpoints_;
};

void check_freezing(const Config& config, const Locations& locations) {
  const TrainOptions& train = config.train;
  const std::set<std::string> frozen(train.freeze.begin(), train.freeze.end());
  std::vector<std::string> parts = network_parts();
  if (config.model.encoder != "plain") {
    parts.erase(std::find(parts.begin(), parts.end(), "bottleneck"));
    if (frozen.count("bottleneck") != 0)
      fail(ErrorKind::config, locations.text("train.freeze"), ": got bottleneck, which belongs to the encoder in a ",
           config.model.encoder, ", expected some of ", join(parts));
  }
  if (frozen.size() == parts.size())
    fail(ErrorKind::config, locations.text("train.freeze"), ": got every part of the network, expected at most ",
         parts.size() - 1, " of ", join(parts), ". Leave one out, so that something is learned.");
  if (frozen.empty() && train.freeze_epochs > 0)
    fail(ErrorKind::config, locations.text("train.freeze_epochs"), ": got ", train.freeze_epochs,
         ", but train.freeze names nothing. Name parts there, e.g. [encoder], or set it to 0.");
}

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
  for (const auto& [path, text] :
       {std::pair("train.max_time", config.train.max_time), std::pair("train.time_budget", config.train.time_budget)})
    if (text != "off" && !parse_duration(text))
      fail(ErrorKind::config, locations.text(path), ": got '", text,
           "', expected a time such as 30m, 2h or 1h30m, or off");
  if (config.train.keep_steps > 0 && !config.train.save_every_steps)
    fail(ErrorKind::config, locations.text("train.keep_steps"), ": got ", config.train.keep_steps,
         " without train.save_every_steps, so that there is nothing to keep. Set that too.");
  if (config.train.ema_decay > 0 && config.train.swa_start > 0)
    fail(ErrorKind::config, locations.text("train.swa_start"), ": got ", config.train.swa_start,
         " beside train.ema_decay ", config.train.ema_decay, ", expected one kind of average. Set one of them to 0.");
  check_freezing(config, locations);
  check_unet(config.model, locations);
  return locations;
}

void check_config(const Config& config, const Locations& locations) {
  const op::Pad pad = unet_padding(config.model);
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t size = config.data.size.at(axis), minimum = pad.minimum[axis];
    if (size >= minimum) continue;
    fail(ErrorKind::config, locations.text("data.size"), ": got ", size, " pixels, expected at least ", minimum,
         ", so that the deepest level sees 2x2. Enlarge data.size or lower model.depth (now ", config.model.depth,
         ").");
  }
  int64_t classes = 0;
  for (const auto& [value, label] : config.data.labels) classes = std::max(classes, label + 1);
  const int64_t outputs = config.model.num_classes.value_or(classes);
  if (outputs < classes && !(outputs == 1 && classes == 2))
    fail(ErrorKind::config, locations.text("model.num_classes"), ": got ", outputs, ", but data.labels has ", classes,
         " classes. Leave it auto, or 1 for two classes with one logit.");
}

std::string portable_config(Config& config) {
  const WithoutLoading portable(config);
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
                                              "model.encoder_weights",
                                              "train.checkpoint_activations",
                                              "train.epochs",
                                              "train.early_stopping_patience",
                                              "train.log_every_steps",
                                              "train.sample_images",
                                              "train.save_every_steps",
                                              "train.keep_steps",
                                              "train.max_time",
                                              "train.time_budget",
                                              "train.nonfinite",
                                              "train.nonfinite_limit",
                                              "train.out_of_memory"};
  return paths;
}

}  // namespace unet
