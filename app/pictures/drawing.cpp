#include "app/pictures/drawing.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "data/dataset/class_colors.h"

namespace unet {
namespace {

constexpr double kTextScale = 0.45;

/// Replaces each non-ASCII character with a question mark, because OpenCV draws only ASCII.
std::string drawable(const std::string& text) {
  std::string ascii;
  for (const char c : text)
    if ((c & 0xC0) != 0x80) ascii.push_back((c & 0x80) == 0 ? c : '?');
  return ascii;
}

}  // namespace

void write_text(cv::Mat& sheet, const std::string& text, cv::Point origin, const cv::Scalar& ink) {
  cv::putText(sheet, drawable(text), origin, cv::FONT_HERSHEY_SIMPLEX, kTextScale, ink, 1, cv::LINE_AA);
}

int text_width(const std::string& text) {
  int baseline = 0;
  return cv::getTextSize(drawable(text), cv::FONT_HERSHEY_SIMPLEX, kTextScale, 1, &baseline).width;
}

std::string shortened(const std::string& text, int width) {
  const std::string plain = drawable(text);
  if (text_width(plain) <= width) return text;
  for (size_t kept = plain.size(); kept-- > 0;) {
    std::string shorter = plain.substr(0, (kept + 1) / 2) + "..." + plain.substr(plain.size() - kept / 2);
    if (text_width(shorter) <= width) return shorter;
  }
  return "";
}

cv::Size tile_size(cv::Size image, int longest) {
  const double scale = static_cast<double>(longest) / std::max(image.width, image.height);
  return {std::max(1, static_cast<int>(image.width * scale)), std::max(1, static_cast<int>(image.height * scale))};
}

cv::Mat scaled(const cv::Mat& picture, cv::Size size, int enlarge) {
  cv::Mat result;
  cv::resize(picture, result, size, 0, 0, size.width < picture.cols ? cv::INTER_AREA : enlarge);
  return result;
}

cv::Mat legend(const std::vector<std::string>& names, const std::vector<std::string>& colors, int width) {
  constexpr int kSwatch = 14;
  std::vector<cv::Mat> lines;
  cv::Mat line(kLine, width, CV_8UC3, kPaper);
  int x = kGap;
  for (size_t c = 0; c < names.size(); ++c) {
    const std::string name = shortened(names[c], width - 2 * kGap - kSwatch - 6);
    const int needed = kSwatch + 6 + text_width(name) + 18;
    if (x > kGap && x + needed > width) {
      lines.push_back(line.clone());
      line.setTo(kPaper);
      x = kGap;
    }
    const cv::Vec3b color = parse_color(colors.at(c));
    const cv::Rect swatch(x, 3, kSwatch, kSwatch);
    cv::rectangle(line, swatch, cv::Scalar(color[0], color[1], color[2]), cv::FILLED);
    cv::rectangle(line, swatch, kInk, 1);
    write_text(line, name, {x + kSwatch + 6, kTextBase});
    x += needed;
  }
  lines.push_back(line);
  cv::Mat all;
  cv::vconcat(lines, all);
  return all;
}

}  // namespace unet
