#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/check/data_check.h"
#include "data/dataset/label_map.h"
#include "data/images/image_io.h"

namespace unet {

/// How the classes of a data set are drawn.
struct ClassStyle {
  std::optional<LabelMap> labels;  ///< empty if unknown
  std::vector<std::string> colors;
  int64_t untinted = 0;  ///< the class that is drawn without a tint
};

/// Leaves class 0 untinted, or the class that covers more than two thirds of all pixels.
ClassStyle class_style(const DataReport& report);

/// Color of pixels whose value is outside the label map.
inline const cv::Scalar kUnknownColor(255, 0, 255);
/// Mean color of the stripes of ignored pixels, for legends.
inline constexpr const char* kStripeColor = "#919191";

/// A sample as read for display: small, whatever the size of its files.
class SamplePicture {
 public:
  /// Reads a sample, or an image without labels. What cannot be read is missing in the picture.
  SamplePicture(const SampleRef& sample, const ClassStyle& style);
  explicit SamplePicture(const std::string& file);

  /// Draws image and mask with no side longer than `longest` pixels (at most kLargestPicture); outlines and stripes
  /// have the same width in every size. Returns an empty picture if neither image nor mask could be read.
  cv::Mat draw(int longest, const ClassStyle& style) const;

  /// What was changed to show the image, as captions.
  const std::vector<std::string>& notes() const { return notes_; }

  static constexpr int kLargestPicture = 280;  ///< longest side, pixels

 private:
  void take_image(const Image& image);
  void take_labels(const cv::Mat& values, const ClassStyle& style);

  cv::Mat image_;    ///< RGB, 8 bits; empty if there is none
  cv::Mat classes_;  ///< CV_8UC1; empty if there are none that fit the image
  cv::Mat unknown_;  ///< CV_8UC1, 255 where the value has no class
  std::vector<std::string> notes_;
};

}  // namespace unet
