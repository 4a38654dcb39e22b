#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset/label_map.h"
#include "data/dataset/open_dataset.h"

namespace unet {

/// What a format can store; see `OutputFormat`.
struct FormatTraits {
  bool has_subfolders = true;            ///< names of samples may have folders
  bool shares_names = false;             ///< names are unique in the whole data set rather than in each part
  bool may_be_undivided = false;         ///< it may leave the division into parts to the names
  bool starts_at_background = true;      ///< label value 0 is the background, whose name is fixed
  bool ignored_follows_classes = false;  ///< the ignored value is the one after those of the classes, rather than 255
};

/// A sample of the new data set.
struct PlannedSample {
  size_t index;  ///< in the source
  Part part;
  std::string name;  ///< path without extension below the folder of its kind
};

/// The classes of the new data set. Class i has the label value `first_value` + i.
struct PlannedClasses {
  std::vector<std::string> names, colors;
  int64_t first_value = 0;   ///< 1 where value 0 is the background and class 0 is not
  bool has_ignored = false;  ///< whether any pixel is ignored
  int64_t ignored_value = 255;

  int64_t value_of(size_t label) const { return first_value + static_cast<int64_t>(label); }
};

/// How a data set is converted.
struct ConversionPlan {
  const Dataset& source;
  LabelMap labels;  ///< of the source
  std::vector<PlannedSample> samples;
  std::array<size_t, kPartCount> images{};  ///< by part
  bool has_part_folders = false;
  PlannedClasses classes;
  std::vector<bool> numbers_objects;  ///< by class: its label values in the source are numbers of objects
  std::vector<std::string> remarks;   ///< what was changed, human-readable, one line each

  const SampleRef& ref(const PlannedSample& sample) const { return source.samples[sample.index]; }

  /// "train/", or "" for a data set without folders for its parts.
  std::string part_folder(const PlannedSample& sample) const {
    return has_part_folders ? std::string(kPartNames[sample.part]) + "/" : "";
  }
};

/// Plans the conversion of an opened data set without problems, which must outlive the plan. Throws Error(data) for
/// more classes than the format stores.
ConversionPlan plan_conversion(const Dataset& source, const FormatTraits& traits);

}  // namespace unet
