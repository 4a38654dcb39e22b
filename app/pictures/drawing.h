#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

// Elements of contact sheets and curves. Pictures are RGB, 8 bits.

inline constexpr int kGap = 8;        ///< between tiles, pixels
inline constexpr int kLine = 22;      ///< height of a line of text, pixels
inline constexpr int kTextBase = 15;  ///< from a line's top to its text's base, pixels
inline const cv::Scalar kPaper(255, 255, 255);
inline const cv::Scalar kInk(40, 40, 40);

void write_text(cv::Mat& sheet, const std::string& text, cv::Point at, const cv::Scalar& ink = kInk);

/// Width of a text in pixels.
int text_width(const std::string& text);

/// Shortens a text to at most `width` pixels by replacing its middle with "...".
std::string shortened(const std::string& text, int width);

/// Size of an image scaled so that its longest side has `longest` pixels.
cv::Size tile_size(cv::Size image, int longest);

/// Scales a picture: by area interpolation when shrinking, else by the interpolation `enlarge`.
cv::Mat scaled(const cv::Mat& picture, cv::Size size, int enlarge);

/// Draws names beside swatches of their colors ("#rrggbb"), in as many lines as `width` pixels require.
cv::Mat legend(const std::vector<std::string>& names, const std::vector<std::string>& colors, int width);

}  // namespace unet
