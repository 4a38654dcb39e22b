#pragma once

#include <string>
#include <vector>

#include "data/dataset/scan.h"
#include "data/dataset/split.h"

namespace unet {

/// A data set that was listed, split, read once and resolved. Training and check-data open data sets in the same way,
/// so that each accepts what the other does.
struct Dataset {
  DataOptions options;             ///< every `auto` that the data determines is filled in; labels are empty if unknown
  std::string rule;                ///< human-readable description of the split
  bool divided = false;            ///< whether the layout or lists name the parts, rather than a fraction
  std::vector<SampleRef> samples;  ///< of all parts, train first; `part` is set
  DataScan scan;                   ///< indexed like `samples`
  std::vector<std::string> decisions;  ///< human-readable list of the values filled in
  std::vector<Finding> problems;       ///< findings that prevent training; sorted by kind
  std::vector<Finding> notes;          ///< files left out because the options say so; sorted by kind

  Part part(size_t sample) const { return samples[sample].part.value(); }

  /// Returns the indices of the usable samples of these parts.
  std::vector<size_t> usable(const std::vector<Part>& parts) const;

  /// Returns the notes about samples that were read and cannot be used; `decisions` count the other notes.
  std::vector<Finding> skipped() const;
};

/// Opens the data set `options.dir`. Reads everything even if a file is bad or the labels cannot be inferred. Throws
/// Error(missing_input) if a folder does not exist, Error(config) for an invalid split, Error(interrupted) if the scan
/// was stopped.
Dataset open_dataset(const DataOptions& options, const ScanOptions& scan,
                     const std::vector<DatasetLayout>& layouts = dataset_layouts());

/// Throws an error that lists the problems by kind and cause, if there are any: Error(config) if all of them are
/// options that do not fit the data, else Error(data).
void refuse_problems(const std::string& dir, const std::vector<Finding>& problems);

}  // namespace unet
