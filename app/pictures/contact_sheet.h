#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace unet {

/// One picture of a contact sheet with what is written under it.
struct ContactTile {
  cv::Mat picture;  ///< RGB, 8 bits, no side longer than kContactTile; empty where there is none to show
  std::string name;
  std::vector<std::string> lines;  ///< below the name
  bool suspicious = false;         ///< framed, its lines in the same colour
};

inline constexpr int kContactTile = 200;   ///< longest side of a picture, pixels
inline constexpr int kContactColumns = 6;  ///< tiles side by side

/// The titles, the classes with their colours, and the tiles, row by row. Text that is too long for its place is
/// shortened in the middle. RGB, 8 bits, 1256 pixels wide.
cv::Mat contact_sheet(const std::vector<std::string>& titles, const std::vector<ContactTile>& tiles,
                      const std::vector<std::string>& names, const std::vector<std::string>& colors);

}  // namespace unet
