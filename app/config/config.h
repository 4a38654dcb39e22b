#pragma once

#include "app/config/train_options.h"
#include "configs/schema/reader.h"
#include "configs/schema/tree.h"
#include "data/samples/augmentation.h"
#include "data/dataset/data_options.h"
#include "models/losses/loss.h"
#include "models/unet/unet.h"

namespace unet {

/// All options of a training, by section.
struct Config : Options {
  DataOptions data;
  AugmentOptions augment;
  UNetOptions model;
  LossOptions loss;
  TrainOptions train;

  void fields(FieldVisitor& visit) override;
};

/// The tree of a config given on the command line: a preset's name, a path, or "" for the defaults alone.
/// Throws Error(missing_input), Error(config).
Tree load_config(const std::string& name_or_path);

/// Reads the tree and checks what crosses fields and does not need the data.
/// Throws Error(config) with file:line:column.
Locations read_config(const Tree& tree, Config& config);

/// Checks what needs the resolved data options: crop against depth, classes against labels, class weights.
void check_config(const Config& config, const Locations& locations);

/// The config as a checkpoint keeps it: without where the data and the encoder's first weights lie, how data are
/// loaded, and what is computed twice to save memory, which are no part of what was learned.
std::string portable_config(Config& config);

/// Key paths whose values differ, e.g. "train.lr: 0.001 -> 0.01".
std::vector<std::string> config_differences(Config& before, Config& after);

/// Options that may change between two parts of one training.
const std::vector<std::string>& resumable_options();

}  // namespace unet
