#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

#include "data/images/image_io.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {

/// A data set in a temporary folder, to which tests add pairs and faulty files. Every image has different pixels.
class DataFiles {
 public:
  std::string dir() const { return folder_.path(); }
  std::string operator/(const std::string& name) const { return folder_ / name; }

  void add_image(const std::string& name, const cv::Mat& pixels) const { write(name, pixels); }
  void add_mask(const std::string& name, const cv::Mat& values) const { write(name, values); }

  /// Random pixels.
  cv::Mat noise(int height = 64, int width = 64, int type = CV_8UC3) {
    cv::Mat pixels(height, width, type);
    random_.fill(pixels, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65536 : 256);
    return pixels;
  }

  /// Mask whose left half is `left` and right half is `right`.
  static cv::Mat halves(int left, int right, int height = 64, int width = 64) {
    cv::Mat values(height, width, CV_8UC1, cv::Scalar(left));
    values.colRange(width / 2, width) = cv::Scalar(right);
    return values;
  }

  /// Mask of zeros whose first row, 1/64 of the pixels, is `value`.
  static cv::Mat top_row(int value) {
    cv::Mat values = halves(0, 0);
    values.row(0) = cv::Scalar(value);
    return values;
  }

  /// Adds PART/images/STEM.png of noise with a mask that is half 0 and half 255; `part` ends in a slash or is "".
  void add_pair(const std::string& stem, const std::string& part = "train/") {
    add_image(part + "images/" + stem + ".png", noise());
    add_mask(part + "masks/" + stem + ".png", halves(0, 255));
  }

  void add_file(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    write_bytes(folder_ / name, content);
  }

 private:
  void write(const std::string& name, const cv::Mat& pixels) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    write_image(folder_ / name, pixels);
  }

  TempFolder folder_;
  cv::RNG random_{47};
};

}  // namespace unet
