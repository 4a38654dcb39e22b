#include "data/images/png_rows.h"

#include <gtest/gtest.h>

#include "tests/support/image_bytes.h"

namespace unet {
namespace {

/// A row as the filter stores it. Source: PNG Specification, section 9.2.
std::string filtered_row(int filter, const std::string& row, const std::string& above, size_t pixel) {
  std::string stored(1, static_cast<char>(filter));
  for (size_t i = 0; i < row.size(); ++i) {
    const auto byte = [&](const std::string& text, size_t back) {
      return i < back ? 0 : static_cast<int>(static_cast<unsigned char>(text[i - back]));
    };
    const int left = byte(row, pixel), up = byte(above, 0), corner = byte(above, pixel), guess = left + up - corner;
    const int paeth =
        std::abs(guess - left) <= std::abs(guess - up) && std::abs(guess - left) <= std::abs(guess - corner) ? left
        : std::abs(guess - up) <= std::abs(guess - corner)                                                   ? up
                                                                                                             : corner;
    const int predicted[] = {0, left, up, (left + up) / 2, paeth};
    stored += static_cast<char>(static_cast<unsigned char>(row[i]) - predicted[filter]);
  }
  return stored;
}

/// The bytes of a row, samples of 16 bits in big endian order.
std::string row_bytes_of(const cv::Mat& image, int y) {
  std::string bytes = raw_bytes(image.row(y).clone());
  if (image.depth() == CV_16U)
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
  return bytes;
}

/// A PNG in which row y has the filter (y + first) % 5; `parts` is the number of chunks of pixels.
std::string filtered_png(const cv::Mat& image, int color_type, int first = 0, size_t parts = 1) {
  std::string raw, above(static_cast<size_t>(image.cols) * image.elemSize(), '\0');
  for (int y = 0; y < image.rows; ++y) {
    const std::string row = row_bytes_of(image, y);
    raw += filtered_row((y + first) % 5, row, above, image.elemSize());
    above = row;
  }
  const std::string packed = deflated(raw);
  std::string bytes = png_header(static_cast<uint32_t>(image.cols), static_cast<uint32_t>(image.rows),
                                 image.depth() == CV_16U ? 16 : 8, color_type);
  for (size_t i = 0; i < parts; ++i)
    bytes += png_chunk(
        "IDAT", packed.substr(packed.size() * i / parts, packed.size() * (i + 1) / parts - packed.size() * i / parts));
  return bytes + png_chunk("IEND", "");
}

cv::Mat decode_rows(const std::string& bytes) {
  const std::string name = "x.png";
  return decode_png_rows(ByteView(bytes, name), probe_image(bytes, name));
}

TEST(PngRows, EveryFilterOfEveryTypeOfSamplesIsUndone) {
  const std::pair<int, int> types[] = {{CV_8UC1, 0},  {CV_8UC2, 4},  {CV_8UC3, 2},  {CV_8UC4, 6},
                                       {CV_16UC1, 0}, {CV_16UC2, 4}, {CV_16UC3, 2}, {CV_16UC4, 6}};
  for (const auto& [type, color_type] : types)
    for (int first = 0; first < 5; ++first) {
      const cv::Mat image = noise(type, 7, 5), found = decode_rows(filtered_png(image, color_type, first, 3));
      ASSERT_EQ(found.type(), type) << first;
      ASSERT_EQ(found.size(), image.size());
      EXPECT_EQ(cv::norm(found, image, cv::NORM_INF), 0) << type << ' ' << first;
    }
}

TEST(PngRows, WhatIsUnusualIsLeftToLibpng) {
  const std::string plain = filtered_png(noise(CV_8UC3, 7, 5), 2);
  EXPECT_FALSE(decode_rows(plain).empty());
  EXPECT_TRUE(decode_rows(insert_png_chunk(plain, png_chunk("NEWC", "critical"))).empty());
  EXPECT_FALSE(decode_rows(insert_png_chunk(plain, png_chunk("teXt", "not critical"))).empty());
  EXPECT_TRUE(decode_rows(png_file(4, 1, 2, 0, {std::string(1, '\x1B')})).empty());  // packed
  EXPECT_TRUE(decode_rows(png_file(2, 1, 8, 3, {std::string("\1\0", 2)})).empty());  // no palette
  std::string interlaced = plain;
  interlaced[28] = 1;
  interlaced.replace(8, 25, png_chunk("IHDR", interlaced.substr(16, 13)));
  EXPECT_TRUE(decode_rows(interlaced).empty());
}

TEST(PngRows, PixelsOfAWrongChecksumOrLengthAreLeftToLibpng) {
  std::string raw;
  for (int y = 0; y < 3; ++y) raw += std::string("\0ab", 3);
  const auto file = [](const std::string& packed) {
    return png_header(2, 3, 8, 0) + png_chunk("IDAT", packed) + png_chunk("IEND", "");
  };
  std::string packed = deflated(raw);
  EXPECT_FALSE(decode_rows(file(packed)).empty());
  EXPECT_TRUE(decode_rows(file(deflated(raw + "x"))).empty());
  EXPECT_TRUE(decode_rows(file(deflated(raw.substr(1)))).empty());
  EXPECT_TRUE(decode_rows(file(deflated("\5ab" + raw.substr(3)))).empty());  // no such filter
  packed.back() = static_cast<char>(packed.back() ^ 1);
  EXPECT_TRUE(decode_rows(file(packed)).empty());
}

}  // namespace
}  // namespace unet
