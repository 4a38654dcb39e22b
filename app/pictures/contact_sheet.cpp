#include "app/pictures/contact_sheet.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "app/pictures/drawing.h"

namespace unet {
namespace {

constexpr int kTextLine = 17;  // height of a line under a picture, pixels
constexpr int kSheetWidth = kGap + kContactColumns * (kContactTile + kGap);
const cv::Scalar kSuspicious(200, 30, 30);
const cv::Scalar kPale(120, 120, 120);
const cv::Scalar kNoPicture(225, 225, 225);  // placeholder for a missing picture

cv::Mat picture_of(const ContactTile& tile) {
  if (!tile.picture.empty()) return tile.picture;
  cv::Mat placeholder(kContactTile / 2, kContactTile, CV_8UC3, kNoPicture);
  const std::string text = "no picture";
  write_text(placeholder, text, {(placeholder.cols - text_width(text)) / 2, placeholder.rows / 2 + 5}, kPale);
  return placeholder;
}

void draw_tile(cv::Mat& sheet, const ContactTile& tile, cv::Point corner, int text_top) {
  const cv::Mat picture = picture_of(tile);
  // Pictures are aligned at the bottom, because the text of a row begins at the same height.
  const cv::Rect place(corner.x + (kContactTile - picture.cols) / 2, text_top - 3 - picture.rows, picture.cols,
                       picture.rows);
  picture.copyTo(sheet(place));
  if (tile.suspicious) cv::rectangle(sheet, place + cv::Size(4, 4) - cv::Point(2, 2), kSuspicious, 2);
  int base = text_top + kTextBase - 1;
  write_text(sheet, shortened(tile.name, kContactTile), {corner.x, base});
  for (const std::string& line : tile.lines) {
    base += kTextLine;
    write_text(sheet, shortened(line, kContactTile), {corner.x, base}, tile.suspicious ? kSuspicious : kPale);
  }
}

cv::Mat draw_row(const std::vector<ContactTile>& tiles, size_t begin, size_t end) {
  int height = 1;
  size_t lines = 0;
  for (size_t i = begin; i < end; ++i) {
    height = std::max(height, picture_of(tiles[i]).rows);
    lines = std::max(lines, tiles[i].lines.size());
  }
  const int text_top = 4 + height + 3;
  cv::Mat row(text_top + static_cast<int>(lines + 1) * kTextLine + 10, kSheetWidth, CV_8UC3, kPaper);
  for (size_t i = begin; i < end; ++i)
    draw_tile(row, tiles[i], {kGap + static_cast<int>(i - begin) * (kContactTile + kGap), 4}, text_top);
  return row;
}

}  // namespace

cv::Mat contact_sheet(const std::vector<std::string>& titles, const std::vector<ContactTile>& tiles,
                      const std::vector<std::string>& names, const std::vector<std::string>& colors) {
  std::vector<cv::Mat> parts{cv::Mat(kGap / 2, kSheetWidth, CV_8UC3, kPaper)};
  for (const std::string& title : titles) {
    cv::Mat line(kLine, kSheetWidth, CV_8UC3, kPaper);
    write_text(line, shortened(title, kSheetWidth - 2 * kGap), {kGap, kTextBase});
    parts.push_back(line);
  }
  if (!names.empty()) parts.push_back(legend(names, colors, kSheetWidth));
  for (size_t begin = 0; begin < tiles.size(); begin += kContactColumns)
    parts.push_back(draw_row(tiles, begin, std::min(begin + kContactColumns, tiles.size())));
  cv::Mat sheet;
  cv::vconcat(parts, sheet);
  return sheet;
}

}  // namespace unet
