#pragma once

#include <optional>
#include <string>
#include <vector>

#include "configs/schema/reader.h"
#include "data/dataset/data_options.h"
#include "data/dataset/finding.h"
#include "data/dataset/layouts/layout.h"
#include "data/dataset/sample_ref.h"
#include "data/dataset/split_fraction.h"

namespace unet {

/// The samples of a data set by part, each part in the byte order of the names.
struct Split {
  std::vector<SampleRef> train, val, test;
  bool divided = false;                ///< whether the layout or lists name the parts, rather than a fraction
  std::optional<Fractions> undivided;  ///< by which `train` is yet to be divided
  std::string rule;                    ///< human-readable description of the split
  LabelMeaning meaning;                ///< of label values, if the layout states it
  std::vector<Finding> problems;  ///< those of the layout, unknown list entries, samples in two parts, no sample at all
  std::vector<Finding> notes;     ///< files that are left out
  std::optional<FileNames> names;      ///< found by the layout, in place of the defaults
  std::vector<std::string> decisions;  ///< what the layout found, human-readable, one line each

  const std::vector<SampleRef>& part(Part part) const;
  std::vector<SampleRef>& part(Part part);
};

/// Lists the samples of `options.dir` and splits them into parts as the layout does or by lists. Samples that are to be
/// divided by fraction are in `train`, sorted by name, with `undivided` set: `open_dataset` divides them once it has
/// read them. Throws Error(missing_input) as `list_samples` does, Error(config) for a split by lists that are not
/// given.
Split list_parts(const DataOptions& options, const std::vector<DatasetLayout>& layouts = dataset_layouts());

/// As `list_parts`, and divides by fraction without reading any file: as `open_dataset` does by `SplitBy::name`, else
/// without regard to near duplicates and rare label values. Throws Error(config) for a bad pattern too.
Split find_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts = dataset_layouts());

/// Returns the samples of `part`: "train", "val", "test" or "all". If the part is empty, returns all samples of a data
/// set that is split by fraction, and none if the layout or lists name the parts. Throws Error(usage) for other names.
std::vector<SampleRef> samples_of(const Split& split, const std::string& part);

/// Gives options that were written before `split_by` existed the split that they had then, by name, so that no image
/// changes sides when a run is resumed or evaluated. Configs that programs write list all other options of the split.
/// Returns a note for people if the split can be one by fraction. `section` is the key path of the options.
std::optional<std::string> keep_former_split(DataOptions& options, const Locations& locations,
                                             const std::string& section);

}  // namespace unet
