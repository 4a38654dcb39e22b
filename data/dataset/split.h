#pragma once

#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/finding.h"
#include "data/dataset/layouts/layout.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// The samples of a data set by part, each part in the byte order of the names.
struct Split {
  std::vector<SampleRef> train, val, test;
  bool divided = false;           ///< whether the layout or lists name the parts, rather than a fraction
  std::string rule;               ///< human-readable description of the split
  LabelMeaning meaning;           ///< of label values, if the layout states it
  std::vector<Finding> problems;  ///< those of the layout, unknown list entries, samples in two parts, no sample at all
  std::vector<Finding> notes;     ///< files that are left out
  std::optional<FileNames> names;      ///< found by the layout, in place of the defaults
  std::vector<std::string> decisions;  ///< what the layout found, human-readable, one line each

  const std::vector<SampleRef>& part(Part part) const;
  std::vector<SampleRef>& part(Part part);
};

/// Lists the samples of `options.dir` and splits them into parts: as the layout does, by lists, or by fraction. By
/// fraction, the hash of a sample's name, or of its group if it has one, decides, so adding samples never moves others.
/// If no group falls into validation (or training), the group with the nearest hash does, unless it is the only one.
/// Throws Error(missing_input) as `list_samples` does, Error(config) for a bad pattern.
Split find_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts = dataset_layouts());

/// Returns the samples of `part`: "train", "val", "test" or "all". If the part is empty, returns all samples of a data
/// set that is split by fraction, and none if the layout or lists name the parts. Throws Error(usage) for other names.
std::vector<SampleRef> samples_of(const Split& split, const std::string& part);

}  // namespace unet
