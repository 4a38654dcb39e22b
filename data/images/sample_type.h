#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>

#include "data/images/image_probe.h"

namespace unet {

/// Numbers as a file stores them.
struct SampleType {
  SampleKind kind = SampleKind::unsigned_integer;
  int bits = 8;  ///< 8, 16, 32 or 64; floating: 16, 32 or 64
};

/// Returns the depth that holds the numbers: CV_8U, CV_16U, CV_32S or CV_32F. Integers of 32 and 64 bits count as
/// CV_32S, although some are too large for it.
int sample_depth(const SampleType& type);

/// Converts `count` numbers, in the byte order of this machine, to `depth`: the one of `sample_depth`, or CV_32F.
/// Returns whether all fit.
bool convert_samples(const uint8_t* stored, const SampleType& type, size_t count, int depth, uint8_t* out);

/// Marks (CV_8UC1, 255) the pixels of which a channel is NaN or infinite, or every channel is `no_data`. Empty where
/// there are none.
cv::Mat invalid_pixels(const cv::Mat& samples, std::optional<double> no_data);

/// Converts CMYK (CV_8U or CV_16U, 0 is no ink) without a color profile to RGB; channels after the fourth are kept.
cv::Mat cmyk_to_rgb(const cv::Mat& inks);

/// Converts CIELab as TIFF files store it (CV_8UC3 or CV_16UC3; a and b signed) to RGB of the same depth; the white of
/// Lab becomes white.
cv::Mat lab_to_rgb(const cv::Mat& lab);

}  // namespace unet
