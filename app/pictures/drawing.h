#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

// Elements of contact sheets and curves. Pictures are RGB, 8 bits.

inline constexpr int kGap = 8;        ///< space between tiles, pixels
inline constexpr int kLine = 22;      ///< height of a line of text, pixels
inline constexpr int kTextBase = 15;  ///< distance from the top of a line to its baseline, pixels
inline const cv::Scalar kPaper(255, 255, 255);
inline const cv::Scalar kInk(40, 40, 40);

/// Draws a text whose baseline begins at `origin`.
void write_text(cv::Mat& sheet, const std::string& text, cv::Point origin, const cv::Scalar& ink = kInk);

/// Width of a text in pixels.
int text_width(const std::string& text);

/// Shortens a text to at most `width` pixels by replacing its middle with "...".
std::string shortened(const std::string& text, int width);

/// Size of an image scaled so that its longest side has `longest` pixels.
cv::Size tile_size(cv::Size image, int longest);

/// Scales a picture: by area interpolation to shrink it, by the interpolation flag `enlarge` to enlarge it.
cv::Mat scaled(const cv::Mat& picture, cv::Size size, int enlarge);

/// Draws each name beside a swatch of its color ("#rrggbb"), in as many lines of `width` pixels as needed.
cv::Mat legend(const std::vector<std::string>& names, const std::vector<std::string>& colors, int width);

}  // namespace unet
