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
  bool divided = false;           ///< by the layout or by lists, which name the parts; not by fraction
  std::string rule;               ///< how the parts were made, for people
  LabelMeaning meaning;           ///< of label values, where the layout states it
  std::vector<Finding> problems;  ///< those of the layout, unknown list entries, samples in two parts, no sample at all
  std::vector<Finding> notes;     ///< files that are left out
  std::optional<FileNames> names;      ///< found by the layout, in place of the defaults
  std::vector<std::string> decisions;  ///< of the layout, one line each, for people

  const std::vector<SampleRef>& part(Part part) const;
  std::vector<SampleRef>& part(Part part);
};

/// Lists the samples of `options.dir` and divides them into parts: as the layout does, by lists, or by fraction. By
/// fraction, the hash of a name (of its group, where there are groups) decides, so adding samples never moves others;
/// where none falls into validation (or none into training), the group with the nearest hash does, if there is more
/// than one. Throws Error(missing_input) as `list_samples` does, Error(config) for a bad pattern.
Split find_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts = dataset_layouts());

/// Returns the samples of the part "train", "val", "test" or "all". A data set that is divided by fraction and lacks
/// the part is returned whole; one that is divided by its layout or by lists gives none. Throws Error(usage) for other
/// names.
std::vector<SampleRef> samples_of(const Split& split, const std::string& part);

}  // namespace unet
