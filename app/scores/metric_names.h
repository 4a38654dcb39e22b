#pragma once

#include <string_view>

namespace unet {

/// Metrics beside the scores of the confusion matrix, in the order of the help; metric.cpp has their table.
inline constexpr std::string_view kMetricNames[] = {"boundary_f1",      "hausdorff_95",    "instance_ap",
                                                    "panoptic_quality", "centerline_dice", "calibration_error"};

/// Stands for all of them on the command line.
inline constexpr std::string_view kAllMetrics = "all";

}  // namespace unet
