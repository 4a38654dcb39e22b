#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/convert/output_format_names.h"
#include "data/convert/plan.h"
#include "data/dataset/read_sample.h"

namespace unet {

/// A sample of the source as it is written.
struct SampleToWrite {
  const PlannedSample& planned;
  const SampleRef& ref;
  const Image& image;
  const cv::Mat& values;  ///< CV_8UC1: label values of the new data set
  const cv::Mat& labels;  ///< label values of the source, see `require_label_type`
};

/// What was written of a sample.
struct WrittenSample {
  std::string image;                     ///< path of the image file, or of its first, below the folder
  uint64_t image_hash = 0;               ///< of the pixels that are read from it
  uint64_t mask_hash = 0;                ///< of the label values that are read
  std::string reason;                    ///< why the image is no copy; "" for a copy
  std::vector<std::string> objects;      ///< parts of files that describe several samples
  std::string item;                      ///< the sample in such files
  size_t exact_outlines = 0, masks = 0;  ///< objects stored as outlines and as masks
};

/// Writes a data set in one format.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;

  /// Writes the files of one sample and sets what it wrote. May be called from several threads. Throws
  /// Error(cannot_create), Error(io), Error(data).
  virtual void write(const SampleToWrite& sample, WrittenSample& written) const = 0;

  /// Adds a written sample to files that describe several. Called in the order of the plan, from one thread.
  virtual void append(const PlannedSample& /*planned*/, const WrittenSample& /*written*/) {}

  /// Writes the files that describe the whole data set, after all samples. Returns remarks, human-readable.
  virtual std::vector<std::string> finish() { return {}; }
};

/// A format that data sets are written in. A new one is a source file in this folder, its name in
/// output_format_names.h and a row in output_format.cpp.
struct OutputFormat {
  OutputFormatName name;
  FormatTraits traits;

  /// Makes the writer into `folder`; both must outlive it. Throws Error(data) if the format cannot store the data set.
  std::unique_ptr<DatasetWriter> (*make_writer)(const ConversionPlan& plan, const std::string& folder);
};

extern const OutputFormat kFoldersOutput, kCocoOutput, kLabelmeOutput, kNnunetOutput;

/// Returns the format of this name. Throws Error(usage).
const OutputFormat& find_output_format(const std::string& name);

/// Writes a file below `folder`, and creates the folders above it.
void write_below(const std::string& folder, const std::string& path, const std::string& bytes);

/// Writes the image of a sample as PATH + its extension.
void write_stored_image(const SampleToWrite& sample, const std::string& folder, const std::string& path,
                        WrittenSample& written);

}  // namespace unet
