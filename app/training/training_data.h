#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "data/dataset/open_dataset.h"
#include "data/samples/loader.h"

namespace unet {

/// Usable samples of a training.
struct TrainingData {
  std::vector<SampleRef> train, val;
  std::vector<double> class_share;  ///< share of each class in the labeled training pixels
  std::string fingerprint;          ///< hash of names, sizes and contents in both parts
};

/// Opens the data set on all cores, with a progress bar. `stop` (may be empty) is called before each image.
Dataset open_dataset_with_progress(const DataOptions& options, const std::function<bool()>& stop = {});

/// Opens the data set of a training, and resolves and logs every `auto` of the config that depends on the data.
/// Throws Error(data) listing all problems of the data set at once, Error(config) if options do not fit it.
TrainingData prepare_data(Config& config, const Locations& locations);

/// Options of the loader for a training.
LoaderPlan loader_plan(const Config& config, const Execution& execution);

}  // namespace unet
