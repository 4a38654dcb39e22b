#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// One image with its true and predicted classes, all of the same size.
struct SheetRow {
  std::string title;
  cv::Mat image;
  cv::Mat truth;
  cv::Mat prediction;
};

/// Draws a row per entry: image (brightened if dark), truth, prediction, and wrong pixels; below them a legend of the
/// classes. RGB, 8 bits.
cv::Mat sample_sheet(const std::vector<SheetRow>& rows, const std::vector<std::string>& class_names,
                     const std::vector<std::string>& class_colors);

}  // namespace unet
