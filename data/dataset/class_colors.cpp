#include "data/dataset/class_colors.h"

#include <array>
#include <cmath>

#include "configs/schema/error.h"
#include "configs/schema/label_key.h"

namespace unet {
namespace {

/// Black, then hues that remain distinct for most kinds of color vision.
/// Source: Okabe & Ito 2008, "Color Universal Design"; without their black and white.
constexpr std::array<const char*, 8> kPalette = {"#000000", "#e69f00", "#56b4e9", "#009e73",
                                                 "#f0e442", "#0072b2", "#d55e00", "#cc79a7"};

/// Returns channel 0, 1 or 2, in [0,1], of a hue in [0,1) at full saturation.
double hue_channel(double hue, int channel) {
  const double distance = std::abs(std::remainder(hue - channel / 3.0, 1.0)) * 6;
  return distance <= 1 ? 1 : distance >= 2 ? 0 : 2 - distance;
}

/// Steps the hue by the golden ratio, which never returns close to an earlier hue, and varies the brightness.
std::string generated_color(int64_t index) {
  constexpr double kGoldenRatio = 0.6180339887498949;
  const double hue = std::fmod(static_cast<double>(index) * kGoldenRatio, 1.0);
  const double high = 255 - 35 * static_cast<double>(index % 3);
  const double low = 30 + 25 * static_cast<double>(index % 4);
  uint8_t rgb[3];
  for (int c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>(low + (high - low) * hue_channel(hue, c));
  return label_value_text(color_value(rgb[0], rgb[1], rgb[2]));
}

}  // namespace

std::vector<std::string> default_class_colors(int64_t count) {
  std::vector<std::string> colors;
  for (int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<size_t>(i);
    colors.push_back(index < kPalette.size() ? kPalette[index] : generated_color(i));
  }
  return colors;
}

cv::Vec3b parse_color(const std::string& text) {
  const bool well_formed =
      text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
  if (!well_formed)
    fail(ErrorKind::config, "[data.class_colors] got '", text, "', expected six hexadecimal digits like \"#e6194b\". ",
         "Quote it, because # begins a comment in YAML");
  const auto channel = [&](size_t at) { return static_cast<uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16)); };
  return {channel(1), channel(3), channel(5)};
}

}  // namespace unet
