#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace unet {

/// A true and a predicted instance whose intersection over union is above 0.5. Then no other instance can overlap
/// either of the two that much, so the pairs are unique.
struct InstancePair {
  int64_t intersected = 0;  ///< pixels in both
  int64_t united = 0;       ///< pixels in one of them or both
};

/// The instances of a class in an image: the connected components of its pixels, diagonal neighbors included.
struct InstanceMatches {
  int64_t truths = 0;
  int64_t predictions = 0;  ///< without those in no pair that lie for more than half in ignored pixels
  std::vector<InstancePair> pairs;
};

/// Matches the instances of a class. truth, prediction: HxW CV_8UC1, as in PredictedImage. Ignored pixels do not count
/// in intersections and unions. Source: Kirillov et al. 2018, arXiv:1801.00868, section 4.1.
InstanceMatches match_instances(const cv::Mat& truth, const cv::Mat& prediction, int64_t class_index);

}  // namespace unet
