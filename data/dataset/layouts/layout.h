#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/finding.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// The meaning of label values, if the files of a data set state it; else empty.
struct LabelMeaning {
  LabelClasses labels;
  std::vector<LabelKey> ignore_values;
  std::vector<std::string> class_names;
  std::vector<std::string> class_colors;
};

/// The samples of a data set, and the parts and label values that its layout defines.
struct SampleList {
  std::vector<SampleRef> samples;    ///< each part in the byte order of the names
  std::vector<Part> parts;           ///< parts that the layout defines; if there are any, each sample has one of them
  std::string rule;                  ///< human-readable description of the parts; "" if it defines none
  LabelMeaning meaning;              ///< used for the options that are `auto`
  std::vector<Finding> problems;     ///< images without labels, labels without an image, names used twice
  std::vector<Finding> notes;        ///< files that are left out
  std::optional<FileNames> names{};  ///< found if the options have the defaults; replaces them
  std::vector<std::string> decisions{};  ///< what was found rather than given, human-readable, one line each
};

/// One way in which data sets are stored. A new one is a pair of files in this folder and a row in `dataset_layouts`.
struct DatasetLayout {
  const char* name;  ///< value of data.format

  /// Describes what the layout expects in the folder, for the message about a folder that no layout matches.
  std::string (*expects)(const DataOptions& options);

  /// Returns whether the folder `options.dir` has this layout. Looks at names, and at the beginning of
  /// annotation files, of which it opens a few.
  bool (*matches)(const DataOptions& options);

  /// Lists the samples; if there are none, only the problems. Throws Error(missing_input).
  SampleList (*list)(const DataOptions& options);
};

/// The supported layouts; the first that matches is used.
const std::vector<DatasetLayout>& dataset_layouts();

/// Names of the layouts, in the order of the table.
std::vector<std::string> layout_names();

/// Lists the samples of `options.dir` by the layout `options.format`, or by the first layout that matches. Throws
/// Error(missing_input) if the folder does not exist or no layout matches, naming what was looked for and what was
/// found.
SampleList list_samples(const DataOptions& options, const std::vector<DatasetLayout>& layouts = dataset_layouts());

}  // namespace unet
