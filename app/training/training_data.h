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

/// Hash of the names, sizes and contents of the training and validation samples, as checkpoints store it.
std::string data_fingerprint(const Dataset& dataset);

/// What is done with the scans of images and masks that earlier starts stored (see ScanCache).
enum class StoredScans {
  unused,   ///< nothing is read or stored
  reused,   ///< unchanged images are not read again
  renewed,  ///< all images are read again, for later starts
};

/// Returns the choice that `--rescan` makes.
inline StoredScans stored_scans(bool rescan) { return rescan ? StoredScans::renewed : StoredScans::reused; }

/// Opens the data set on all cores, with a progress bar. `stop` (may be empty) is asked before each image. `objects`:
/// see ScanOptions.
Dataset open_dataset_with_progress(const DataOptions& options, const std::function<bool()>& stop = {},
                                   StoredScans stored = StoredScans::unused, bool objects = false);

/// Returns the problems for which a training refuses the data set, sorted by kind: those of the data, and those of
/// options of the data, the model or the loss that do not fit them. Resolves every `auto` of the config that the data
/// determine, if they determine all.
std::vector<Finding> accept_dataset(Config& config, const Locations& locations, const Dataset& dataset);

/// Share of each class in the labeled training pixels.
std::vector<double> training_class_share(const Dataset& dataset);

/// The first half of `prepare_data`: opens the data set, resolves the config and refuses problems. Throws as it does.
Dataset open_training_dataset(Config& config, const Locations& locations, const std::function<bool()>& stop,
                              StoredScans stored);

/// The second half: lists the usable samples of an accepted data set, and logs what was decided. `config` is resolved.
TrainingData list_training_data(const Config& config, const Dataset& dataset);

/// Opens the data set of a training, and resolves and logs every `auto` of the config that depends on the data.
/// Throws Error(data) listing all problems of the data set at once, Error(config) where options do not fit it.
/// `stop` (may be empty) is asked before each image; if it returns true, throws Error(interrupted).
TrainingData prepare_data(Config& config, const Locations& locations, const std::function<bool()>& stop = {},
                          StoredScans stored = StoredScans::unused);

/// The training set of a resolved config, which must outlive it. Logs what people should know of its caches.
TrainingSet training_set(const Config& config, const std::vector<SampleRef>& samples);

/// Options of the loader for a training.
LoaderPlan loader_plan(const Config& config, const Execution& execution);

}  // namespace unet
