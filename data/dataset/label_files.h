#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset/label_evidence.h"
#include "data/dataset/layouts/layout.h"

namespace unet {

/// Classes as a file beside the masks lists them: CVAT's labelmap.txt, class_dict.csv or CamVid's label_colors.txt.
struct ClassList {
  struct Class {
    std::string name;
    cv::Vec3b color;  ///< RGB
  };
  std::string path;
  std::vector<Class> classes;  ///< in the order of the file
};

/// Reads a list of classes: lines `name:r,g,b:...`, `name,r,g,b`, `r g b name` or `name r g b`; lines that begin with #
/// and a header are skipped. Throws Error(data) naming the line, also for two classes of one color.
ClassList read_class_list(const std::string& path);

/// Finds a list of classes in one of the folders; the first folder counts, and the case of
/// the name does not. Throws as `read_class_list` does.
std::optional<ClassList> find_class_list(const std::vector<std::string>& folders);

/// Returns what the list says about masks with these values: by their colors, by the colors of their palette, by gray
/// colors, or by their indices as line numbers from 0. Classes named void, ignore, ignored, unlabeled or unlabelled
/// are ignored values. Nullopt if the list does not fit the values.
std::optional<LabelMeaning> meaning_of(const ClassList& list, const LabelEvidence& evidence);

}  // namespace unet
