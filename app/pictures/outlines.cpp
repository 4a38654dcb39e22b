#include "app/pictures/outlines.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "configs/schema/ignore_label.h"
#include "data/dataset/class_colors.h"

namespace unet {
namespace {

/// Luma of Rec. 601, 0 to 255.
double luma(const cv::Vec3d& rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

}  // namespace

cv::Vec3b line_color(const cv::Vec3b& color) {
  constexpr double kDarkest = 110;
  const double largest = std::max({color[0], color[1], color[2]});
  if (largest == 0) return {200, 200, 200};
  if (luma(color) >= kDarkest) return color;
  const cv::Vec3d full = cv::Vec3d(color) * (255 / largest);
  const double white = std::max(0.0, (kDarkest - luma(full)) / (255 - luma(full)));
  const cv::Vec3d line = full * (1 - white) + cv::Vec3d::all(255 * white);
  return {cv::saturate_cast<uint8_t>(line[0]), cv::saturate_cast<uint8_t>(line[1]),
          cv::saturate_cast<uint8_t>(line[2])};
}

void outline(cv::Mat& picture, const cv::Mat& classes, const std::vector<std::string>& colors, int64_t background) {
  // A pixel with a neighbor of lower rank is on a line; one with a neighbor of higher rank is beside a line.
  cv::Mat ranks, lowest, highest, table(1, 256, CV_8UC1);
  for (int c = 0; c < 256; ++c)
    table.at<uint8_t>(0, c) = c == background || c == kIgnoreLabel ? 0 : static_cast<uint8_t>(c + 1);
  cv::LUT(classes, table, ranks);
  cv::erode(ranks, lowest, cv::Mat());
  cv::dilate(ranks, highest, cv::Mat());
  std::vector<cv::Vec3b> lines;
  for (const std::string& color : colors) lines.push_back(line_color(parse_color(color)));
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const uint8_t rank = ranks.at<uint8_t>(y, x);
      if (lowest.at<uint8_t>(y, x) < rank)
        picture.at<cv::Vec3b>(y, x) = rank - 1U < lines.size() ? lines[rank - 1U] : cv::Vec3b(200, 200, 200);
      else if (highest.at<uint8_t>(y, x) > rank)
        picture.at<cv::Vec3b>(y, x) = {0, 0, 0};
    }
}

}  // namespace unet
