#include "app/pictures/sheet.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "app/pictures/drawing.h"
#include "app/pictures/palette.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

constexpr int kTile = 256;  // longest side of a picture, pixels

/// Draws wrong pixels red, ignored ones gray, and the others as a pale version of `image`, the row's image as shown.
cv::Mat differences(const SheetRow& row, const cv::Mat& image) {
  cv::Mat picture;
  cv::addWeighted(image, 0.25, cv::Mat(row.image.size(), CV_8UC3, kPaper), 0.75, 0, picture);
  const cv::Mat ignored = row.truth == static_cast<double>(kIgnoreLabel);
  picture.setTo(cv::Scalar(214, 39, 40), (row.truth != row.prediction) & ~ignored);
  picture.setTo(cv::Scalar(170, 170, 170), ignored);
  return picture;
}

}  // namespace

cv::Mat sample_sheet(const std::vector<SheetRow>& rows, const std::vector<std::string>& class_names,
                     const std::vector<std::string>& class_colors) {
  const std::vector<std::string> titles{"image", "truth", "prediction", "wrong pixels"};
  const int columns = static_cast<int>(titles.size());
  int tile_width = 1;
  for (const SheetRow& row : rows) tile_width = std::max(tile_width, tile_size(row.image.size(), kTile).width);
  const int width = kGap + columns * (tile_width + kGap);

  std::vector<cv::Mat> parts;
  cv::Mat head(kLine, width, CV_8UC3, kPaper);
  for (int i = 0; i < columns; ++i)
    write_text(head, titles[static_cast<size_t>(i)], {kGap + i * (tile_width + kGap), 16});
  parts.push_back(head);
  for (const SheetRow& row : rows) {
    const cv::Size tile = tile_size(row.image.size(), kTile);
    cv::Mat strip(tile.height + kLine, width, CV_8UC3, kPaper);
    const cv::Mat image = brightened(viewable(row.image));
    const std::vector<cv::Mat> pictures{scaled(image, tile, cv::INTER_LINEAR),
                                        scaled(colored(row.truth, class_colors), tile, cv::INTER_NEAREST),
                                        scaled(colored(row.prediction, class_colors), tile, cv::INTER_NEAREST),
                                        scaled(differences(row, image), tile, cv::INTER_NEAREST)};
    for (int i = 0; i < columns; ++i)
      pictures[static_cast<size_t>(i)].copyTo(strip(cv::Rect({kGap + i * (tile_width + kGap), 0}, tile)));
    write_text(strip, row.title, {kGap, tile.height + kTextBase});
    parts.push_back(strip);
  }
  parts.push_back(legend(class_names, class_colors, width));
  cv::Mat sheet;
  cv::vconcat(parts, sheet);
  return sheet;
}

}  // namespace unet
