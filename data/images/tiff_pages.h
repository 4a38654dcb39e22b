#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "data/images/tiff_stream.h"

namespace unet {

/// Writes a TIFF file page by page. Pages are held in memory compressed until `finish`.
class TiffPages {
 public:
  explicit TiffPages(std::string path);
  TiffPages(const TiffPages&) = delete;
  TiffPages& operator=(const TiffPages&) = delete;

  /// Adds a page: HxW of CV_8U, CV_16U or CV_32F with 1 channel, or with 3 in RGB order.
  void add(const cv::Mat& page);

  /// Writes the file, which is complete or absent, see `write_file`. Throws Error(cannot_create), Error(io).
  void finish();

 private:
  [[noreturn]] void refuse() const;

  std::string path_;
  TiffStream stream_;
  TiffHandle tiff_;
};

}  // namespace unet
