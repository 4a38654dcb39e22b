#include "data/images/image_probe.h"

#include <gtest/gtest.h>

#include "data/images/exif.h"
#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"

namespace unet {
namespace {

struct FormatCase {
  std::string extension;
  ImageFormat format;
  bool lossy;
};

const FormatCase kFormats[] = {{".png", ImageFormat::png, false},
                               {".jpg", ImageFormat::jpeg, true},
                               {".tif", ImageFormat::tiff, false},
                               {".bmp", ImageFormat::bmp, false},
                               {".webp", ImageFormat::webp, true}};

std::string sample_file(const FormatCase& row) {
  return encode_image(
      row.extension, noise(),
      row.format == ImageFormat::webp ? std::vector<int>{cv::IMWRITE_WEBP_QUALITY, 80} : std::vector<int>{});
}

std::string refusal(const std::string& bytes) {
  return error_text(ErrorKind::data, [&] { probe_image(bytes, "some/file.png"); });
}

void expect_refused(const std::string& bytes, const std::string& part) {
  const std::string text = refusal(bytes);
  EXPECT_NE(text.find(part), std::string::npos) << "got: " << text << "\nexpected in it: " << part;
  EXPECT_EQ(text.rfind("some/file.png: ", 0), 0u) << text;
}

TEST(ImageProbe, EveryFormatIsRecognizedByItsBytes) {
  for (const FormatCase& row : kFormats) {
    const ImageInfo info = probe_image(sample_file(row), "wrong.extension");
    EXPECT_EQ(info.format, row.format) << row.extension;
    EXPECT_EQ(info.width, 40) << row.extension;
    EXPECT_EQ(info.height, 24) << row.extension;
    EXPECT_EQ(info.channels, 3) << row.extension;
    EXPECT_EQ(info.bits, 8) << row.extension;
    EXPECT_EQ(info.lossy, row.lossy) << row.extension;
    EXPECT_EQ(info.orientation, 1) << row.extension;
    EXPECT_FALSE(info.palette) << row.extension;
  }
}

TEST(ImageProbe, ChannelsAndBitsAreRead) {
  EXPECT_EQ(probe_image(encode_image(".png", noise(CV_8UC1)), "").channels, 1);
  EXPECT_EQ(probe_image(encode_image(".png", noise(CV_8UC4)), "").channels, 4);
  EXPECT_EQ(probe_image(encode_image(".png", noise(CV_16UC3)), "").bits, 16);
  EXPECT_EQ(probe_image(encode_image(".tif", noise(CV_16UC1)), "").bits, 16);
  EXPECT_EQ(probe_image(encode_image(".jpg", noise(CV_8UC1)), "").channels, 1);
  EXPECT_EQ(probe_image(encode_image(".webp", noise(CV_8UC4)), "").channels, 4);
  EXPECT_EQ(probe_image(png_file(2, 1, 8, 4, {"abcd"}), "").channels, 2);
  EXPECT_EQ(probe_image(png_file(4, 1, 2, 0, {"a"}), "").bits, 2);
}

TEST(ImageProbe, PalettesAreDetected) {
  EXPECT_TRUE(probe_image(png_file(1, 1, 8, 3, {std::string(1, '\0')}, png_chunk("PLTE", "abc")), "").palette);
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_PALETTE;
  EXPECT_TRUE(probe_image(tiff_file(noise(CV_8UC1), recipe), "").palette);
}

TEST(ImageProbe, An8BitBmpIsGrayOnlyWithAGrayColorTable) {
  std::string bmp = encode_image(".bmp", noise(CV_8UC1));
  EXPECT_FALSE(probe_image(bmp, "").palette);
  EXPECT_EQ(probe_image(bmp, "").channels, 1);
  bmp[54 + 4 * 100] = 3;  // blue of entry 100
  EXPECT_TRUE(probe_image(bmp, "").palette);
  EXPECT_EQ(probe_image(bmp, "").channels, 3);
}

TEST(ImageProbe, TruncatedFilesAreRefused) {
  for (const FormatCase& row : kFormats) {
    const std::string bytes = sample_file(row);
    for (int i = 0; i < 60; ++i) {
      const size_t length =
          i < 20 ? bytes.size() - 1 - static_cast<size_t>(i) : bytes.size() * static_cast<size_t>(i - 20) / 40;
      const std::string text = refusal(bytes.substr(0, length));
      EXPECT_EQ(text.rfind("some/file.png: ", 0), 0u) << row.extension << " truncated to " << length << ": " << text;
    }
  }
}

TEST(ImageProbe, TrailingBytesAreAllowed) {
  for (const FormatCase& row : kFormats)
    EXPECT_EQ(probe_image(sample_file(row) + "trailer", "").width, 40) << row.extension;
}

TEST(ImageProbe, AFlippedBitOfAPngIsDetectedByItsChecksum) {
  const std::string bytes = sample_file(kFormats[0]);
  for (size_t i = 8; i < bytes.size(); i += 13) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_NE(refusal(damaged), "no error") << i;
  }
  std::string damaged = bytes;
  damaged[60] = static_cast<char>(damaged[60] ^ 1);
  expect_refused(damaged, "checksum of the chunk at byte 33 is wrong");
}

TEST(ImageProbe, FilesThatAreNotImagesAreIdentified) {
  expect_refused("", "the file is empty");
  expect_refused("  <!DOCTYPE html><html><body>404</body></html>", "got an HTML page");
  expect_refused("just some words\n", "got text");
  expect_refused("GIF89a\x01", "got a GIF image");
  expect_refused("version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer");
  expect_refused(std::string(64, '\0'), "got a file of zeros");
  expect_refused("\x01\x02\x03\x7F\x05", "got unknown data");
  expect_refused("%PDF-1.4", "expected a PNG, JPEG, TIFF, BMP or WebP image");
}

TEST(ImageProbe, AnimationsAreRefused) {
  expect_refused(insert_png_chunk(sample_file(kFormats[0]), png_chunk("acTL", std::string(8, '\1'))), "animated PNG");
  expect_refused(webp_file(webp_extended(0x02, 8, 8)), "animated WebP");
}

TEST(ImageProbe, TiffsOfSeveralPagesAreRefused) {
  TiffRecipe recipe;
  recipe.pages = 3;
  expect_refused(tiff_file(noise(CV_8UC1), recipe), "TIFF of 3 pages, expected one");
}

TEST(ImageProbe, CmykIsRefused) {
  const std::string frame = big_endian(8 + 3 * 4, 2) + "\x08" + big_endian(8, 2) + big_endian(8, 2) + "\x04";
  expect_refused("\xFF\xD8\xFF\xC0" + frame + std::string(12, '\1') + "\xFF\xD9", "CMYK JPEG");
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_SEPARATED;
  expect_refused(tiff_file(noise(CV_8UC4), recipe), "CMYK TIFF");
}

TEST(ImageProbe, FloatTiffIsRefused) {
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  expect_refused(tiff_file(cv::Mat::zeros(4, 4, CV_32FC1), recipe), "floating-point samples");
}

TEST(ImageProbe, DecompressionBombsAreRefusedBeforeDecoding) {
  expect_refused(png_header(60000, 60000, 8, 2) + png_chunk("IEND", ""), "too few for the 60000x60000 pixels");
  expect_refused(png_header(0, 5, 8, 2) + png_chunk("IEND", ""), "got 0x5 pixels");
  const std::string frame =
      "\xFF\xD8\xFF\xC0" + big_endian(17, 2) + "\x08" + big_endian(65000, 2) + big_endian(65000, 2);
  expect_refused(frame + "\x03" + std::string(9, '\1') + "\xFF\xDA" + big_endian(2, 2) + "\xFF\xD9", "too large");
  std::string bmp = encode_image(".bmp", noise());
  bmp.replace(18, 8, little_endian(1u << 19, 4) + little_endian(1u << 19, 4));
  expect_refused(bmp, "too large");
}

TEST(ImageProbe, TheOrientationIsReadFromEveryFormat) {
  const cv::Mat image = noise();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    TiffRecipe recipe;
    recipe.photometric = PHOTOMETRIC_RGB;
    recipe.orientation = orientation;
    EXPECT_EQ(probe_image(insert_png_chunk(encode_image(".png", image), png_chunk("eXIf", exif_block(orientation))), "")
                  .orientation,
              orientation);
    EXPECT_EQ(probe_image(jpeg_with_exif(encode_image(".jpg", image), orientation), "").orientation, orientation);
    EXPECT_EQ(probe_image(webp_with_exif(encode_image(".webp", image), image, orientation), "").orientation,
              orientation);
    EXPECT_EQ(probe_image(tiff_file(image, recipe), "").orientation, orientation);
  }
}

TEST(Exif, ADamagedBlockMeansUpright) {
  const std::string block = exif_block(6);
  EXPECT_EQ(exif_orientation(block), 6);
  EXPECT_EQ(exif_orientation(exif_block(9)), 1);
  for (size_t length = 0; length < 20; ++length) EXPECT_EQ(exif_orientation(block.substr(0, length)), 1) << length;
}

}  // namespace
}  // namespace unet
