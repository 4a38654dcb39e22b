#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// One picture of a contact sheet with its caption.
struct ContactTile {
  cv::Mat picture;  ///< RGB, 8 bits, no side longer than kContactTile; empty if there is none to show
  std::string name;
  std::vector<std::string> lines;  ///< captions below the name
  bool suspicious = false;         ///< framed, with lines in the color of the frame
};

inline constexpr int kContactTile = 200;   ///< longest side of a picture, pixels
inline constexpr int kContactColumns = 6;  ///< tiles side by side

/// Draws titles, a legend of the classes, and the tiles, row by row. Text that is too long is shortened in the middle.
/// RGB, 8 bits, 1256 pixels wide.
cv::Mat contact_sheet(const std::vector<std::string>& titles, const std::vector<ContactTile>& tiles,
                      const std::vector<std::string>& names, const std::vector<std::string>& colors);

}  // namespace unet
