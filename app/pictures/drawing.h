#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

// What sheets of pictures are made of. Pictures are RGB, 8 bits.

inline constexpr int kGap = 8;        ///< between tiles, pixels
inline constexpr int kLine = 22;      ///< height of a line of text, pixels
inline constexpr int kTextBase = 15;  ///< from a line's top to its text's base, pixels
inline const cv::Scalar kPaper(255, 255, 255);
inline const cv::Scalar kInk(40, 40, 40);

void write_text(cv::Mat& sheet, const std::string& text, cv::Point at, const cv::Scalar& ink = kInk);

/// Pixels.
int text_width(const std::string& text);

/// The text, or as much of its beginning and end as is at most `width` pixels wide, with "..." between.
std::string shortened(const std::string& text, int width);

/// The size at which an image of this size has its longest side `longest` pixels long.
cv::Size tile_size(cv::Size image, int longest);

/// By area where it shrinks, else by the interpolation `enlarge`.
cv::Mat scaled(const cv::Mat& picture, cv::Size size, int enlarge);

/// Names beside swatches of their colours ("#rrggbb"), in as many lines as `width` pixels ask for.
cv::Mat legend(const std::vector<std::string>& names, const std::vector<std::string>& colors, int width);

}  // namespace unet
