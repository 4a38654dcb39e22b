#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/config/config.h"
#include "data/check/data_check.h"

namespace unet {

inline constexpr const char* kAugmentedSheet = "augmented.png";  ///< its name in the folder of a report

/// Returns the index into `report.data.samples` of the usable sample with this name, with or without its folder; of the
/// first training sample with foreground, else the first one, for "". Foreground: a class other than the one that is
/// not tinted (see ClassStyle). Throws Error(usage) if there is none.
size_t image_to_augment(const DataReport& report, const std::string& name);

/// Draws a sample as it is, and 16 training samples of it with their masks, each with the names of the augmentations
/// applied to it: those of a training with this config in epoch 0, at the positions 0 to 15. All 16 have the same
/// contrast. `config.data` is resolved; `legend` has names and colors ("#rrggbb") of classes. RGB, 8 bits.
cv::Mat augmented_sheet(const Config& config, const DataReport& report, size_t sample,
                        std::vector<std::pair<std::string, std::string>> legend);

}  // namespace unet
