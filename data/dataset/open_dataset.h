#pragma once

#include <string>
#include <vector>

#include "data/dataset/scan.h"
#include "data/dataset/split.h"

namespace unet {

/// A data set that was listed, divided, read once and resolved: the same for training and for check-data, so that one
/// accepts what the other does.
struct Dataset {
  DataOptions options;             ///< every `auto` that the data could decide is filled in; labels empty where unknown
  std::string rule;                ///< how the parts were made, for people
  std::vector<SampleRef> samples;  ///< of all parts, train first; each has its part
  DataScan scan;                   ///< by sample
  std::vector<std::string> decisions;  ///< values filled in, one line each, for people
  std::vector<Finding> problems;       ///< training refuses these; sorted by kind
  std::vector<Finding> notes;          ///< files left out because the options say so; sorted by kind

  Part part(size_t sample) const { return samples[sample].part.value(); }

  /// Returns the indices of the usable samples of these parts.
  std::vector<size_t> usable(const std::vector<Part>& parts) const;
};

/// Opens the data set `options.dir`. Neither one bad file nor labels that cannot be inferred prevent the rest from
/// being read. Throws Error(missing_input) where folders do not exist, Error(config) for a split that means nothing,
/// Error(interrupted) where the scan was stopped.
Dataset open_dataset(const DataOptions& options, const ScanOptions& scan,
                     const std::vector<DatasetLayout>& layouts = dataset_layouts());

/// Throws an error that lists the problems by kind, if there are any: Error(config) where all of them are options that
/// do not fit the data, else Error(data).
void refuse_problems(const std::string& dir, const std::vector<Finding>& problems);

}  // namespace unet
