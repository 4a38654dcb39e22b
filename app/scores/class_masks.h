#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace unet {

// Masks are CV_8UC1, 0 or 255. Ignored pixels belong to no class.

/// The prediction with kIgnoreLabel wherever the truth has it.
cv::Mat without_ignored(const cv::Mat& prediction, const cv::Mat& truth);

/// Smallest window with all pixels of a class in one of two images, and their neighbors; empty if neither has the
/// class.
cv::Rect class_window(const cv::Mat& truth, const cv::Mat& prediction, int64_t class_index);

/// Pixels of a class.
cv::Mat class_mask(const cv::Mat& labels, int64_t class_index);

/// Pixels of a class that have a neighbor of another class above, below, left or right. Neither the edge of the image
/// nor ignored pixels make a boundary.
cv::Mat class_boundary(const cv::Mat& labels, int64_t class_index);

/// Pixels of a mask whose four neighbors are not all in the mask. Outside the image there is no mask.
cv::Mat mask_outline(const cv::Mat& mask);

/// Euclidean distance of each pixel to the nearest pixel of a mask that is not empty, CV_32FC1.
cv::Mat distance_to(const cv::Mat& mask);

}  // namespace unet
