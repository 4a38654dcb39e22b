#pragma once

#include <opencv2/imgproc.hpp>

namespace unet {

/// A gray picture of soft blobs, another one for each seed: like photographs, it keeps its look when it is made smaller
/// or compressed.
inline cv::Mat blob_scene(int seed, int height = 96, int width = 96) {
  cv::RNG random(static_cast<uint64_t>(1000 + seed));
  cv::Mat scene(height, width, CV_8UC1, cv::Scalar(40));
  for (int i = 0; i < 14; ++i)
    cv::circle(scene, {random.uniform(0, width), random.uniform(0, height)}, random.uniform(height / 12, height / 5),
               cv::Scalar(random.uniform(60, 250)), cv::FILLED);
  cv::GaussianBlur(scene, scene, {0, 0}, 2);
  return scene;
}

}  // namespace unet
