#include "app/pictures/sheet.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "app/pictures/palette.h"
#include "configs/schema/ignore_label.h"
#include "data/class_colors.h"

namespace unet {
namespace {

constexpr int kTile = 256;  // longest side of a picture, pixels
constexpr int kGap = 8;
constexpr int kLine = 22;  // height of a line of text
const cv::Scalar kPaper(255, 255, 255);
const cv::Scalar kInk(40, 40, 40);

void write(cv::Mat& sheet, const std::string& text, cv::Point at) {
  cv::putText(sheet, text, at, cv::FONT_HERSHEY_SIMPLEX, 0.45, kInk, 1, cv::LINE_AA);
}

int text_width(const std::string& text) {
  int baseline = 0;
  return cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, 0.45, 1, &baseline).width;
}

/// The size of a tile that shows an image of this size: shrunk or enlarged to kTile.
cv::Size tile_size(cv::Size image) {
  const double scale = static_cast<double>(kTile) / std::max(image.width, image.height);
  return {std::max(1, static_cast<int>(image.width * scale)), std::max(1, static_cast<int>(image.height * scale))};
}

cv::Mat scaled(const cv::Mat& picture, cv::Size size, int enlarge) {
  cv::Mat result;
  cv::resize(picture, result, size, 0, 0, size.width < picture.cols ? cv::INTER_AREA : enlarge);
  return result;
}

/// Right pixels pale, wrong ones red, ignored ones grey.
cv::Mat differences(const SheetRow& row) {
  cv::Mat picture;
  cv::addWeighted(viewable(row.image), 0.25, cv::Mat(row.image.size(), CV_8UC3, kPaper), 0.75, 0, picture);
  const cv::Mat ignored = row.truth == static_cast<double>(kIgnoreLabel);
  picture.setTo(cv::Scalar(214, 39, 40), (row.truth != row.prediction) & ~ignored);
  picture.setTo(cv::Scalar(170, 170, 170), ignored);
  return picture;
}

cv::Mat legend(const std::vector<std::string>& names, const std::vector<std::string>& colors, int width) {
  constexpr int kSwatch = 14;
  std::vector<cv::Mat> lines;
  cv::Mat line(kLine, width, CV_8UC3, kPaper);
  int x = kGap;
  for (size_t c = 0; c < names.size(); ++c) {
    const int needed = kSwatch + 6 + text_width(names[c]) + 18;
    if (x > kGap && x + needed > width) {
      lines.push_back(line.clone());
      line.setTo(kPaper);
      x = kGap;
    }
    const cv::Vec3b color = parse_color(colors.at(c));
    const cv::Rect swatch(x, 3, kSwatch, kSwatch);
    cv::rectangle(line, swatch, cv::Scalar(color[0], color[1], color[2]), cv::FILLED);
    cv::rectangle(line, swatch, kInk, 1);
    write(line, names[c], {x + kSwatch + 6, 15});
    x += needed;
  }
  lines.push_back(line);
  cv::Mat all;
  cv::vconcat(lines, all);
  return all;
}

}  // namespace

cv::Mat sample_sheet(const std::vector<SheetRow>& rows, const std::vector<std::string>& class_names,
                     const std::vector<std::string>& class_colors) {
  const std::vector<std::string> titles{"image", "truth", "prediction", "wrong pixels"};
  const int columns = static_cast<int>(titles.size());
  int tile_width = 1;
  for (const SheetRow& row : rows) tile_width = std::max(tile_width, tile_size(row.image.size()).width);
  const int width = kGap + columns * (tile_width + kGap);

  std::vector<cv::Mat> parts;
  cv::Mat head(kLine, width, CV_8UC3, kPaper);
  for (int i = 0; i < columns; ++i) write(head, titles[static_cast<size_t>(i)], {kGap + i * (tile_width + kGap), 16});
  parts.push_back(head);
  for (const SheetRow& row : rows) {
    const cv::Size tile = tile_size(row.image.size());
    cv::Mat strip(tile.height + kLine, width, CV_8UC3, kPaper);
    const std::vector<cv::Mat> pictures{scaled(viewable(row.image), tile, cv::INTER_LINEAR),
                                        scaled(colored(row.truth, class_colors), tile, cv::INTER_NEAREST),
                                        scaled(colored(row.prediction, class_colors), tile, cv::INTER_NEAREST),
                                        scaled(differences(row), tile, cv::INTER_NEAREST)};
    for (int i = 0; i < columns; ++i)
      pictures[static_cast<size_t>(i)].copyTo(strip(cv::Rect({kGap + i * (tile_width + kGap), 0}, tile)));
    write(strip, row.title, {kGap, tile.height + 15});
    parts.push_back(strip);
  }
  parts.push_back(legend(class_names, class_colors, width));
  cv::Mat sheet;
  cv::vconcat(parts, sheet);
  return sheet;
}

}  // namespace unet
