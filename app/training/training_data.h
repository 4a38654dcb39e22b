#pragma once

#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "data/samples/loader.h"
#include "data/dataset/sample.h"

namespace unet {

/// The pairs of a training, checked.
struct TrainingData {
  std::vector<Pair> train, val;
  std::vector<double> class_share;  ///< of the labelled training pixels
  std::string fingerprint;          ///< of stems, sizes and mask contents, in both parts
};

/// Finds, reads and checks every pair once, and fills in every `auto` of the config that the data decide.
/// What was decided is logged. Throws Error(data) listing all problems of the data set at once.
TrainingData prepare_data(Config& config, const Locations& locations);

/// How the batches of a training are made.
LoaderPlan loader_plan(const Config& config, const Execution& execution);

}  // namespace unet
