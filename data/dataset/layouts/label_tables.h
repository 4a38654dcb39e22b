#pragma once

#include <string>
#include <vector>

#include "data/dataset/layouts/layout.h"

namespace unet {

/// Reads the table of colors and classes that a data set has beside its images: label_colors.txt (CamVid),
/// class_dict.csv, or labelmap.txt (CVAT). Classes are in the order of the file; void and unlabeled are ignored. Empty
/// where there is no such file. Throws Error(data) for a table that is damaged, naming the line.
LabelMeaning read_label_table(const std::string& folder);

/// Whether one of the first masks stores colors, which a table of colors is about.
bool has_color_masks(const std::vector<SampleRef>& samples);

}  // namespace unet
