// GIF files whose frame covers a part of the screen.

#include <gtest/gtest.h>

#include "data/images/image_io.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

/// A GIF of 4x3 pixels with a frame of 2x3 at column 1.
struct PartialGif {
  std::string colors = "abcdefghi";  ///< of the file; empty: none
  int background = 0;
  int transparent = -1;    ///< index; -1: none
  std::string own_colors;  ///< of the frame; empty: none
  size_t entries = 128;    ///< in a table of the frame

  std::string bytes() const {
    std::string frame = gif_frame((cv::Mat_<uint8_t>(3, 2) << 1, 2, 1, 2, 1, 2), 1);
    if (!own_colors.empty()) {
      std::string table = own_colors;
      table.resize(3 * entries, '\0');
      frame[9] = static_cast<char>(entries == 256 ? 0x87 : 0x86);
      frame.insert(10, table);
    }
    if (transparent >= 0)
      frame = std::string("!\xF9\4\1\0\0", 6) + static_cast<char>(transparent) + std::string(1, '\0') + frame;
    std::string file = gif_file(4, 3, frame, colors);
    file[11] = static_cast<char>(background);
    if (!colors.empty()) return file;
    file[10] = 0;
    return file.erase(13, 3 * 128);
  }
};

class GifScreen : public testing::Test {
 protected:
  Mask mask(const PartialGif& gif) const {
    write_bytes(folder_ / "x.gif", gif.bytes());
    return read_mask(folder_ / "x.gif");
  }
  std::string refusal(const PartialGif& gif) const {
    return error_text(ErrorKind::data, [&] { mask(gif); });
  }
  static void expect_ground(const cv::Mat& values, int ground) {
    ASSERT_EQ(values.size(), cv::Size(4, 3));
    const auto index = static_cast<uint8_t>(ground);
    for (int y = 0; y < 3; ++y) EXPECT_EQ(*values.ptr<cv::Vec4b>(y), cv::Vec4b(index, 1, 2, index)) << y;
  }
  TempFolder folder_;
};

TEST_F(GifScreen, TheBackgroundColorOfTheFileSurroundsAFrame) {
  PartialGif gif;
  gif.background = 2;
  expect_ground(mask(gif).values, 2);
  EXPECT_EQ(read_image(folder_ / "x.gif").pixels.at<cv::Vec3b>(0, 0), cv::Vec3b('g', 'h', 'i'));
}

TEST_F(GifScreen, AFrameWithTransparencyIsSurroundedByIt) {
  PartialGif gif;
  gif.background = 2;
  gif.transparent = 5;
  expect_ground(mask(gif).values, 5);
}

TEST_F(GifScreen, TheBackgroundGetsAnIndexAmongTheColorsOfTheFrame) {
  PartialGif gif;
  gif.background = 1;
  gif.own_colors = "xyzdefuvwdef";
  expect_ground(mask(gif).values, 1);  // "def" is color 1 of the file and of the frame
  gif.own_colors = "xyzuvwrst";
  const Mask found = mask(gif);
  expect_ground(found.values, 128);
  EXPECT_EQ(found.palette.at(128), cv::Vec3b('d', 'e', 'f'));
  EXPECT_EQ(found.palette.at(1), cv::Vec3b('u', 'v', 'w'));
}

TEST_F(GifScreen, AGroundThatTheFileDoesNotStateIsRefused) {
  PartialGif gif;
  gif.own_colors = "xyzuvwrst";
  gif.colors = "";
  EXPECT_NE(refusal(gif).find("covers a part of its 4x3 pixels, without a background color"), std::string::npos);
  gif.colors = "abc";
  gif.background = 200;
  EXPECT_NE(refusal(gif).find("without a background color"), std::string::npos);
  gif.background = 0;
  gif.entries = 256;
  gif.own_colors.resize(3 * 256, 'q');
  EXPECT_NE(refusal(gif).find("with 256 colors of its own. Convert it: magick"), std::string::npos);
}

}  // namespace
}  // namespace unet
