#pragma once

#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "data/dataset/sample.h"
#include "data/samples/loader.h"

namespace unet {

/// Checked images and masks of a training.
struct TrainingData {
  std::vector<Pair> train, val;
  std::vector<double> class_share;  ///< over the labelled training pixels
  std::string fingerprint;          ///< of stems, sizes and mask contents, in both parts
};

/// Finds, reads and checks every pair once, and resolves and logs every `auto` of the config that depends on the data.
/// Throws Error(data) with a list of all problems of the data set.
TrainingData prepare_data(Config& config, const Locations& locations);

/// Options of the loader of a training.
LoaderPlan loader_plan(const Config& config, const Execution& execution);

}  // namespace unet
