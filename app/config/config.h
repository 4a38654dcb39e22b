#pragma once

#include "app/config/train_options.h"
#include "configs/schema/reader.h"
#include "configs/schema/tree.h"
#include "data/dataset/data_options.h"
#include "data/samples/augmentation.h"
#include "models/losses/loss.h"
#include "models/unet/unet.h"

namespace unet {

/// All options of a training, by section. Copies share nothing.
struct Config : Options {
  DataOptions data;
  AugmentOptions augment;
  UNetOptions model;
  LossOptions loss;
  TrainOptions train;

  void fields(FieldVisitor& visit) override;
};

/// Loads the config named on the command line: a preset, a path, or "" for the defaults alone.
/// Throws Error(missing_input), Error(config).
Tree load_config(const std::string& name_or_path);

/// Reads the tree into `config`, checks constraints between options that do not depend on the data, and logs notes
/// about old option names. Returns where each option was set. Throws Error(config) with file:line:column.
Locations read_config(const Tree& tree, Config& config);

/// Reads the text that `portable_config` wrote into a checkpoint. Throws Error(config).
Config stored_config(const std::string& text, const std::string& checkpoint);

/// Checks the constraints that need the resolved data options: size against depth, classes against labels.
void check_config(const Config& config, const Locations& locations);

/// The config as stored in a checkpoint: options that are not portable (see Traits) are reset to their defaults.
std::string portable_config(const Config& config);

/// Key paths whose values differ, e.g. "train.lr: 0.001 -> 0.01".
std::vector<std::string> config_differences(const Config& before, const Config& after);

/// Key paths of the options that may change when a run is resumed.
const std::vector<std::string>& resumable_options();

}  // namespace unet
