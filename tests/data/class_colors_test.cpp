#include "data/dataset/class_colors.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/error_text.h"

namespace unet {
namespace {

TEST(ClassColors, AreDistinctWithABlackBackground) {
  const auto colors = default_class_colors(255);
  EXPECT_EQ(std::set<std::string>(colors.begin(), colors.end()).size(), 255u);
  EXPECT_EQ(parse_color(colors[0]), cv::Vec3b(0, 0, 0));
}

TEST(ClassColors, HexDigitsAreRedGreenBlue) { EXPECT_EQ(parse_color("#e6194B"), cv::Vec3b(0xE6, 0x19, 0x4B)); }

TEST(ClassColors, OtherTextIsRefused) {
  for (const char* text : {"", "red", "#12345", "#1234567", "e6194b7", "#gg0000"})
    EXPECT_NE(config_error([&] { parse_color(text); }).find("expected six hexadecimal digits"), std::string::npos)
        << text;
}

}  // namespace
}  // namespace unet
