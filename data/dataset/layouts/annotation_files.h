#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset/data_options.h"
#include "data/dataset/sample_ref.h"

namespace unet {

/// Formats of annotation files that are told by their contents.
enum class AnnotationKind { coco, labelme, via, geojson, cvat };

/// Recognizes a format by the beginning of a file. Throws Error(io).
std::optional<AnnotationKind> kind_of_annotations(const std::string& path);

/// Lists the annotation files of a kind below `options.dir`, or the one that `data.annotations` names. Paths are
/// relative to the folder. Throws Error(missing_input), Error(io).
std::vector<std::string> annotation_files(const DataOptions& options, AnnotationKind kind);

/// Whether annotation files of a kind describe the data set: there is one, and the folder is not one of images and
/// masks by the names of the options. Looks into the first files only.
bool has_annotations(const DataOptions& options, AnnotationKind kind);

/// Whether the folder has folders of images and masks by the names of the options, which count more than annotations.
bool has_mask_folders(const DataOptions& options);

/// Returns the part that a name means by one of its words: val for "instances_val2017.json".
std::optional<Part> part_in_name(const std::string& name);

/// Path of `name` in `folder` without "." and ".."; backslashes are slashes.
std::string path_below(const std::string& folder, const std::string& name);

/// The folder of a path: "" or without a slash at the end.
std::string folder_of(const std::string& path);

/// Name of a file without folder and extension.
std::string stem_of(const std::string& path);

/// Reads names from a text file, one per line. Trailing spaces and empty lines do not count. Throws
/// Error(missing_input), Error(io).
std::vector<std::string> read_names(const std::string& path);

/// Image files below a folder, found by the names that annotation files give them. Paths are relative to the folder.
class ImageFiles {
 public:
  explicit ImageFiles(const std::string& dir);

  /// Returns the files that `name` may mean in an annotation file in the folder `near`: at that path, else those whose
  /// path ends in most of it.
  std::vector<std::string> find(const std::string& name, const std::string& near) const;

  /// Returns the files with this stem, those in the folder `near` if there are any.
  std::vector<std::string> find_stem(const std::string& stem, const std::string& near) const;

  const std::vector<std::string>& paths() const { return paths_; }

 private:
  bool has(const std::string& path) const;

  std::vector<std::string> paths_;  ///< sorted
  std::multimap<std::string, size_t> by_name_, by_stem_;
};

}  // namespace unet
