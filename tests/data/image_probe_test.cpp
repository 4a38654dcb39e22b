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

const FormatCase kFormats[] = {{".png", ImageFormat::png, false},  {".jpg", ImageFormat::jpeg, true},
                               {".tif", ImageFormat::tiff, false}, {".bmp", ImageFormat::bmp, false},
                               {".webp", ImageFormat::webp, true}, {".ppm", ImageFormat::pnm, false},
                               {".npy", ImageFormat::npy, false}};

std::string sample_file(const FormatCase& row) {
  if (row.format == ImageFormat::npy) return npy_file("|u1", "(24, 40, 3)", raw_bytes(noise()));
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

void expect_cuts_refused(const std::string& bytes, const std::string& name) {
  for (int i = 0; i < 60; ++i) {
    const size_t length =
        i < 20 ? bytes.size() - 1 - static_cast<size_t>(i) : bytes.size() * static_cast<size_t>(i - 20) / 40;
    const std::string text = refusal(bytes.substr(0, length));
    EXPECT_EQ(text.rfind("some/file.png: ", 0), 0u) << name << " truncated to " << length << ": " << text;
  }
}

std::string sample_gif() { return gif_file(40, 24, gif_frame(noise(CV_8UC1) & 127), "abcdef"); }

TEST(ImageProbe, TruncatedFilesAreRefused) {
  for (const FormatCase& row : kFormats) expect_cuts_refused(sample_file(row), row.extension);
  expect_cuts_refused(sample_gif(), ".gif");
  if (cv::haveImageWriter("x.jp2")) expect_cuts_refused(encode_image(".jp2", noise(CV_8UC3, 64, 80)), ".jp2");
}

TEST(ImageProbe, GifsTellTheirPalettesAndFrames) {
  const ImageInfo info = probe_image(sample_gif(), "");
  EXPECT_EQ(info.format, ImageFormat::gif);
  EXPECT_EQ(info.width, 40);
  EXPECT_EQ(info.height, 24);
  EXPECT_TRUE(info.palette);
  EXPECT_EQ(info.channels, 3);
  const cv::Mat small = cv::Mat::zeros(4, 6, CV_8UC1);
  EXPECT_FALSE(probe_image(gif_file(6, 4, gif_frame(small), "aaazzz"), "").palette);
  EXPECT_EQ(probe_image(gif_file(6, 4, gif_frame(small) + gif_frame(small), "abc"), "").pages, 2);
  expect_refused(gif_file(8, 4, gif_frame(small) + gif_frame(small), "abc"), "show only what changes");
  std::string bomb = gif_file(6, 4, gif_frame(small), "abc");
  bomb.replace(bomb.find(',') + 5, 4, "\xFF\xFF\xFF\x0F");
  expect_refused(bomb, "too few for the 65535x4095 pixels");
}

TEST(ImageProbe, Jpeg2000IsDescribedByItsCodestream) {
  if (!cv::haveImageWriter("x.jp2")) GTEST_SKIP() << "OpenCV was built without JPEG 2000";
  const std::string bytes = encode_image(".jp2", noise(CV_16UC1, 64, 80));
  const ImageInfo info = probe_image(bytes, "");
  EXPECT_EQ(info.format, ImageFormat::jpeg2000);
  EXPECT_EQ(info.width, 80);
  EXPECT_EQ(info.height, 64);
  EXPECT_EQ(info.channels, 1);
  EXPECT_EQ(info.bits, 16);
  EXPECT_EQ(probe_image(bytes + "trailer", "").width, 80);
  EXPECT_EQ(probe_image(bytes.substr(bytes.find("\xFF\x4F\xFF\x51")), "").width, 80);
}

TEST(ImageProbe, AxesOfArraysAreTakenOnlyWhereTheyAreClear) {
  const auto info = [](const std::string& shape, size_t count) {
    return probe_image(npy_file("|u1", shape, std::string(count, '\1')), "some/file.png");
  };
  EXPECT_EQ(info("(7, 9)", 63).width, 9);
  EXPECT_EQ(info("(7, 9, 1)", 63).channels, 1);
  EXPECT_EQ(info("(1, 7, 9)", 63).height, 7);
  EXPECT_EQ(info("(8, 9, 3)", 216).channels, 3);
  EXPECT_EQ(info("(4, 8, 9)", 288).channels, 4);
  EXPECT_EQ(info("(4, 8, 9)", 288).width, 9);
  EXPECT_EQ(info("(48, 50, 12)", 28800).channels, 12);
  EXPECT_EQ(info("(70, 66, 68)", 314160).pages, 70);
  expect_refused(npy_file("|u1", "(12, 64, 64)", std::string(49152, '\1')), "cannot be told apart");
  expect_refused(npy_file("|u1", "(5,)", "abcde"), "expected (height, width)");
  expect_refused(npy_file("|O", "(5, 5)", std::string(25, 'x')), "Python objects");
  expect_refused(npy_file("<c8", "(1, 1)", std::string(8, 'x')), "got a NumPy array of <c8");
  expect_refused(npy_file("|u1", "(99999999, 99999999, 99999999)", "abc"), "truncated");
  expect_refused(npy_file("|u1", "(0, 5)", ""), "at least one number");
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
  expect_refused(std::string(128, '\0') + "DICM", "python3 -c \"import pydicom");
  expect_refused(std::string(344, '\1') + std::string("n+1\0", 4), "got a NIfTI volume");
  expect_refused("\x1F\x8B\x08", "got a gzip archive");
  expect_refused("\x89HDF\r\n\x1A\n", "h5ls IN");
  expect_refused("ZISRAWFILE", "bfconvert IN OUT.ome.tif");
  expect_refused("version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer");
  expect_refused(std::string(64, '\0'), "got a file of zeros");
  expect_refused("\x01\x02\x03\x7F\x05", "got unknown data");
  expect_refused("%PDF-1.4", "expected an image: PNG, JPEG, TIFF, BMP, WebP, GIF, JPEG 2000, PNM or NPY. ");
}

TEST(ImageProbe, AnimationsAreRefused) {
  expect_refused(insert_png_chunk(sample_file(kFormats[0]), png_chunk("acTL", std::string(8, '\1'))), "animated PNG");
  expect_refused(webp_file(webp_extended(0x02, 8, 8)), "animated WebP");
}

TEST(ImageProbe, TiffPagesAreCountedWithoutReducedOnesAndMasks) {
  TiffRecipe recipe;
  recipe.pages = 3;
  EXPECT_EQ(probe_image(tiff_file(noise(CV_8UC1), recipe), "").pages, 3);
  recipe.pages = 5;
  recipe.kinds = {FILETYPE_PAGE, FILETYPE_REDUCEDIMAGE, 0, FILETYPE_MASK, FILETYPE_REDUCEDIMAGE | FILETYPE_MASK};
  const std::string bytes = tiff_file(noise(CV_8UC1), recipe);
  EXPECT_EQ(probe_image(bytes, "").pages, 2);
  EXPECT_EQ(probe_image(bytes, "", 1).width, 40);
  EXPECT_NE(error_text(ErrorKind::data, [&] { probe_image(bytes, "x", 2); }).find("TIFF of 2 pages, expected page 3"),
            std::string::npos);
}

TEST(ImageProbe, ColorModelsThatAreConvertedAreNoted) {
  const std::string frame = big_endian(8 + 3 * 4, 2) + "\x08" + big_endian(8, 2) + big_endian(8, 2) + "\x04";
  const ImageInfo jpeg =
      probe_image("\xFF\xD8\xFF\xC0" + frame + std::string(12, '\1') + "\xFF\xDA" + big_endian(2, 2) + "\xFF\xD9", "");
  EXPECT_EQ(jpeg.converted, "CMYK");
  EXPECT_EQ(jpeg.channels, 3);
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_SEPARATED;
  EXPECT_EQ(probe_image(tiff_file(noise(CV_8UC4), recipe), "").converted, "CMYK");
  EXPECT_EQ(probe_image(tiff_file(noise(CV_8UC4), recipe), "").channels, 3);
  EXPECT_EQ(probe_image(encode_image(".jpg", noise()), "").converted, "");
}

TEST(ImageProbe, OnlyATaggedExtraSampleOfATiffIsAlpha) {
  TiffRecipe recipe;
  recipe.photometric = PHOTOMETRIC_RGB;
  for (const auto& [tag, is_alpha] : std::vector<std::pair<uint16_t, bool>>{
           {EXTRASAMPLE_UNSPECIFIED, false}, {EXTRASAMPLE_ASSOCALPHA, true}, {EXTRASAMPLE_UNASSALPHA, true}}) {
    recipe.extra_samples = {tag};
    const ImageInfo info = probe_image(tiff_file(noise(CV_8UC4), recipe), "");
    EXPECT_EQ(info.channels, 4);
    EXPECT_EQ(info.has_alpha, is_alpha) << tag;
  }
}

TEST(ImageProbe, SampleTypesOfATiffAreTold) {
  TiffRecipe recipe;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  const ImageInfo info = probe_image(tiff_file(cv::Mat::zeros(4, 4, CV_32FC1), recipe), "");
  EXPECT_EQ(info.kind, SampleKind::floating);
  EXPECT_EQ(info.bits, 32);
  recipe.format = SAMPLEFORMAT_COMPLEXIEEEFP;
  expect_refused(tiff_file(cv::Mat::zeros(4, 4, CV_32FC1), recipe), "complex");
}

TEST(ImageProbe, ACompressionThatIsNotReadIsNamed) {
  TiffRecipe recipe;
  recipe.compression = COMPRESSION_NONE;
  std::string bytes = tiff_file(noise(CV_8UC1), recipe);
  const std::string entry = little_endian(TIFFTAG_COMPRESSION, 2) + little_endian(TIFF_SHORT, 2) + little_endian(1, 4);
  const size_t at = bytes.find(entry);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at + 8, 2, little_endian(34712, 2));
  expect_refused(bytes, "TIFF compressed with JPEG 2000 (code 34712)");
}

TEST(ImageProbe, DecompressionBombsAreRefusedBeforeDecoding) {
  expect_refused(png_header(60000, 60000, 8, 2) + png_chunk("IEND", ""), "too few for the 60000x60000 pixels");
  expect_refused(png_header(0, 5, 8, 2) + png_chunk("IEND", ""), "got 0x5 pixels");
  const std::string frame =
      "\xFF\xD8\xFF\xC0" + big_endian(17, 2) + "\x08" + big_endian(65000, 2) + big_endian(65000, 2);
  expect_refused(frame + "\x03" + std::string(9, '\1') + "\xFF\xDA" + big_endian(2, 2) + "\xFF\xD9", "too large");
  expect_refused(frame.substr(0, 7) + big_endian(9000, 2) + big_endian(9000, 2) + "\x01" + std::string(9, '\1') +
                     "\xFF\xDA" + big_endian(2, 2) + "\xFF\xD9",
                 "too few for the 9000x9000 pixels");
  expect_refused("P5 60000 4000 255\nabc", "truncated");
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
