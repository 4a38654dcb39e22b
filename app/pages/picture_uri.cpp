#include "app/pages/picture_uri.h"

#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace unet {
namespace {

std::string encoded(const std::string& extension, const cv::Mat& bgr, const std::vector<int>& options) {
  std::vector<uint8_t> bytes;
  cv::imencode(extension, bgr, bytes, options);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string picture_uri(const cv::Mat& picture) {
  constexpr int kCompression = 6, kQuality = 88;
  cv::Mat bgr;
  cv::cvtColor(picture, bgr, cv::COLOR_RGB2BGR);
  const std::string png = encoded(".png", bgr, {cv::IMWRITE_PNG_COMPRESSION, kCompression});
  const std::string jpeg = encoded(".jpg", bgr, {cv::IMWRITE_JPEG_QUALITY, kQuality, cv::IMWRITE_JPEG_OPTIMIZE, 1});
  return png.size() <= jpeg.size() ? "data:image/png;base64," + base64(png) : "data:image/jpeg;base64," + base64(jpeg);
}

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](size_t i) { return i < bytes.size() ? uint32_t{static_cast<uint8_t>(bytes[i])} : 0U; };
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const uint32_t group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    for (size_t digit = 0; digit < 4; ++digit)
      text += i + digit > bytes.size() ? '=' : kDigits[group >> (18U - 6U * digit) & 63U];
  }
  return text;
}

}  // namespace unet
