#pragma once

#include <string>
#include <vector>

#include "data/convert/output_format_names.h"
#include "data/dataset/open_dataset.h"

namespace unet {

/// How a data set is converted.
struct ConversionOptions {
  std::string format = kFoldersFormat.name;  ///< a name in kOutputFormats
  std::string out;                           ///< folder that gets the new data set, replaced if it exists
  DataOptions given;                         ///< those that the source was opened with, before any was resolved
  ScanOptions writing, checking;             ///< threads, progress and stop of the two passes
};

/// A finished conversion.
struct Conversion {
  DataOptions options;               ///< of the new data set, as its config.yaml has them
  std::string rule;                  ///< division of the new data set
  std::vector<std::string> remarks;  ///< what was converted, renamed and left out, human-readable, one line each
};

/// First line of the config.yaml of a converted data set, by which it is recognized.
inline constexpr const char* kConversionMark = "# Written by unet convert.";

/// Writes an opened data set without problems in another format, with a config.yaml, then reads it again and compares
/// every image, every class map and the parts with the source. The folder is complete or absent. Throws
/// Error(interrupted), Error(data), Error(cannot_create), Error(io), and Error(internal) if something differs.
Conversion convert_dataset(const Dataset& source, const ConversionOptions& options);

/// Refuses a folder that must not be written to: one that is in the data set `dir` or holds it, and one that is not
/// empty, unless `overwrite` is true and a conversion wrote it. Throws Error(cannot_create).
void check_conversion_folder(const std::string& dir, const std::string& out, bool overwrite);

}  // namespace unet
