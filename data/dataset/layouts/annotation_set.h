#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "configs/schema/error.h"
#include "data/dataset/layouts/annotation_files.h"
#include "data/dataset/layouts/layout.h"

namespace unet {

/// Label value of what is not to be learned, e.g. crowd regions.
inline constexpr int64_t kIgnoredValue = 255;

/// Name of the class of ignored shapes, as labelme has it.
inline constexpr const char* kIgnoreName = "__ignore__";

/// Whether a class of this name has the label value 0: `background`, `_background_` or `__background__`, in any case.
bool is_background_name(const std::string& name);

/// Classes by name. Label values follow from 1 in the order of the names; `is_background_name` ones are
/// 0, and `kIgnoreName` is kIgnoredValue.
class ClassNames {
 public:
  /// Returns the number of a class, a new one for a new name. Keeps the first color ("#rrggbb" or "").
  size_t add(const std::string& name, const std::string& color = "");

  /// Fixes the first classes, in this order, e.g. those of a trained network. Class 0 is the first name.
  void fix(const std::vector<std::string>& class_names);

  /// Returns the names of these classes that are not among the fixed ones; empty if none are fixed.
  std::vector<std::string> unexpected(const std::set<int64_t>& numbers) const;

  /// Whether there is a class of this name.
  bool has(const std::string& name) const { return numbers_.count(name) != 0; }

  /// Puts the names in byte order, unless some are fixed.
  void sort() { is_sorted_ = fixed_ == 0; }

  /// Label value of each number. Throws Error(data) for more classes than an image of indices holds.
  std::vector<int64_t> values() const;

  /// The map from label values to classes; empty without a class other than background.
  LabelMeaning meaning() const;

 private:
  std::vector<size_t> order() const;

  std::vector<std::string> names_, colors_;
  std::map<std::string, size_t> numbers_;
  bool is_sorted_ = false;
  size_t fixed_ = 0;
};

/// An image with outlines. Paths are relative to the data set.
struct AnnotatedImage {
  std::string image;
  std::string file;                    ///< of the annotations
  std::string item;                    ///< what that file calls the image; "" if it describes a single one
  std::vector<LabeledShape> shapes{};  ///< values are numbers of `ClassNames`
  cv::Size size{};                     ///< that the coordinates belong to; 0x0 if the file does not state it
  bool is_normalized = false;          ///< coordinates are fractions of the image's width and height
  std::optional<Part> part{};          ///< if the annotations name it, else folders do
};

/// Collects what annotation files say into a list of samples.
class AnnotationSet {
 public:
  /// Classes that the options name with label values 0, 1, 2, ... keep these values, so that an evaluated data set
  /// means the same as the one that was trained on.
  explicit AnnotationSet(const DataOptions& options);

  const ImageFiles& images() const { return images_; }
  ClassNames& classes() { return classes_; }

  /// Absolute path for messages and readers.
  std::string path(const std::string& relative) const;

  /// Returns the image that an annotation file calls `name`. Reports it if there is none, or more than one. Of several,
  /// the one of `part` is meant.
  std::optional<std::string> find_image(const std::string& name, const std::string& file,
                                        std::optional<Part> part = {});

  /// Adds a sample. Throws Error(config) if another annotation file has labeled the same image for the same part.
  void add(AnnotatedImage image);

  /// Reports labels of an image that cannot be used: a note if `data.bad_file` is skip. `text` follows the path of the
  /// annotation file.
  void report_unusable(const std::string& file, const std::string& image, const std::string& text,
                       const std::string& reason);

  /// Reports an annotation file that cannot be read, and so its image.
  void report_unreadable(const std::string& file, const Error& error);

  /// Reports labels without an image, or an image without labels: a note if `data.missing_mask` is skip.
  void report_orphan(const std::string& file, const std::string& text, const std::string& reason);

  /// Counts a thing that is left out, by what it is: "shapes without area (line)".
  void leave_out(const std::string& what) { ++left_out_[what]; }

  /// Adds a line about something found rather than given.
  void decide(const std::string& line) { decisions_.push_back(line); }

  /// Reports images in folders with annotated images, which no annotation belongs to, as orphans, or else counts them
  /// as left out. `expected` says what was looked for.
  void report_unlabeled(bool as_orphans, const std::string& expected);

  /// Returns the samples. `source` names the format and its files, for people.
  SampleList finish(const std::string& source);

 private:
  std::vector<Finding>& findings(BadFilePolicy policy) { return policy == BadFilePolicy::skip ? notes_ : problems_; }

  const DataOptions& options_;
  ImageFiles images_;
  ClassNames classes_;
  std::vector<AnnotatedImage> annotated_;
  std::map<std::string, std::map<std::optional<Part>, std::string>> files_of_;  ///< annotation files by image and part
  std::set<std::string> reported_;                                              ///< images with a finding
  std::map<std::string, size_t> left_out_;
  std::vector<std::string> decisions_;
  std::vector<Finding> problems_, notes_;
};

/// Names samples by their images' paths below the folder that all have in common, without extension where that is
/// unique. Gives parts by the names of folders, where samples have none, if each then has one and one is for training.
/// Sorts.
void complete_list(const DataOptions& options, SampleList& list);

/// "a.jpg, b.jpg, c.jpg and 9 more".
std::string examples(const std::vector<std::string>& names);

}  // namespace unet
