#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// One image with its true and its predicted classes, all of one size.
struct SheetRow {
  std::string title;
  cv::Mat image;
  cv::Mat truth;
  cv::Mat prediction;
};

/// A picture with a row for each entry: image (a dark one shown brighter), truth, prediction, and where the two differ;
/// below it the classes with their colours. RGB, 8 bits.
cv::Mat sample_sheet(const std::vector<SheetRow>& rows, const std::vector<std::string>& class_names,
                     const std::vector<std::string>& class_colors);

}  // namespace unet
