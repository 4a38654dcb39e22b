#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/images/exif.h"
#include "data/images/image_io.h"
#include "data/images/image_signature.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/file_text.h"
#include "tests/support/image_bytes.h"

namespace unet {
namespace {

constexpr const char* kImageFile = "image";

void expect(bool holds, const std::string& what) {
  if (!holds) throw WrongResult(what);
}

bool is_finite(const cv::Mat& pixels) {
  if (pixels.depth() != CV_32F) return true;
  const cv::Mat values = pixels.reshape(1);
  for (int y = 0; y < values.rows; ++y)
    if (!std::all_of(values.ptr<float>(y), values.ptr<float>(y) + values.cols,
                     [](float v) { return std::isfinite(v); }))
      return false;
  return true;
}

/// Calls `read`; a refusal is right too.
template <class Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
  }
}

/// Reads a page as image and as mask in every way, and compares it with what its header says.
void read_page(const std::string& path, const ImageInfo& info, int page) {
  const cv::Size stored(static_cast<int>(info.width), static_cast<int>(info.height));
  const cv::Size size = info.orientation >= 5 ? cv::Size(stored.height, stored.width) : stored;
  for (const PaletteMode palette : {PaletteMode::indices, PaletteMode::colors})
    for (const MaskChannel channel : {MaskChannel::color, MaskChannel::alpha})
      attempt([&] {
        expect(read_mask(path, {palette, channel}, page).values.size() == size, "a mask of another size");
      });
  const Image image = read_image(path, page);
  expect(image.pixels.size() == size, "pixels of another size than the header says");
  const int channels = info.has_alpha && info.channels == 2 ? 4 : info.channels;
  expect(image.pixels.channels() == channels, "other channels than the header says");
  expect(image.invalid.empty() || image.invalid.size() == size, "invalid pixels of another size");
  expect(is_finite(image.pixels), "values that are not finite");
}

void read_image_file(const std::string& folder) {
  constexpr int kPages = 3;
  const std::string path = folder + "/" + kImageFile, bytes = file_text(path);
  has_image_signature(path);
  expect(count_pages(path) >= 1, "a file without pages");
  const int pages = probe_image(bytes, path).pages;
  for (int page = 0; page < std::min(pages, kPages); ++page) read_page(path, probe_image(bytes, path, page), page);
}

void read_exif(const std::string& folder) {
  const int orientation = exif_orientation(file_text(folder + "/" + kImageFile));
  expect(orientation >= 1 && orientation <= 8, "an orientation outside of 1 to 8");
}

/// Smooth colors, which every encoder compresses to a few hundred bytes.
cv::Mat small_picture(int type = CV_8UC3, int height = 24, int width = 40) {
  cv::Mat picture;
  cv::GaussianBlur(noise(type, height, width), picture, {}, 2);
  return picture;
}

std::vector<std::string> png_seeds() {
  const std::string table = png_chunk("PLTE", "abcxyz") + png_chunk("tRNS", std::string(1, '\0'));
  std::vector<std::string> seeds{png_file(2, 1, 8, 3, {std::string("\1\0", 2)}, table),
                                 png_file(4, 1, 2, 0, {std::string(1, '\x1B')}), png_file(2, 1, 8, 4, {"abcd"})};
  for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC3})
    seeds.push_back(encode_image(".png", small_picture(type)));
  seeds.push_back(insert_png_chunk(seeds[4], png_chunk("eXIf", exif_block(6))));
  return seeds;
}

/// Corrects the checksums of the chunks.
void repair_png(std::string& bytes) {
  for (size_t chunk = 8; chunk + 12 <= bytes.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[chunk + i]);
    if (length > bytes.size() - chunk - 12) return;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + chunk + 4), static_cast<uInt>(length + 4));
    bytes.replace(chunk + 8 + length, 4, big_endian(static_cast<uint32_t>(crc), 4));
    chunk += 12 + length;
  }
}

std::vector<std::string> jpeg_seeds() {
  std::vector<std::string> seeds;
  for (const int type : {CV_8UC1, CV_8UC3}) seeds.push_back(encode_image(".jpg", small_picture(type)));
  seeds.push_back(encode_image(".jpg", small_picture(), {cv::IMWRITE_JPEG_PROGRESSIVE, 1}));
  seeds.push_back(encode_image(".jpg", small_picture(), {cv::IMWRITE_JPEG_RST_INTERVAL, 2}));
  seeds.push_back(jpeg_with_exif(seeds[1], 6));
  return seeds;
}

std::vector<std::string> tiff_seeds() {
  std::vector<std::string> seeds;
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS})
    for (const bool tiled : {false, true}) {
      TiffRecipe recipe;
      recipe.compression = compression;
      recipe.tiled = tiled;
      recipe.separate = compression == COMPRESSION_LZW;
      recipe.photometric = PHOTOMETRIC_RGB;
      seeds.push_back(tiff_file(small_picture(), recipe));
    }
  for (const int photometric : {PHOTOMETRIC_PALETTE, PHOTOMETRIC_MINISWHITE}) {
    TiffRecipe recipe;
    recipe.photometric = photometric;
    recipe.pages = 2;
    seeds.push_back(tiff_file(small_picture(CV_8UC1), recipe));
  }
  for (const int photometric : {PHOTOMETRIC_YCBCR, PHOTOMETRIC_CIELAB, PHOTOMETRIC_RGB}) {
    TiffRecipe recipe;
    recipe.photometric = photometric;
    recipe.compression = photometric == PHOTOMETRIC_YCBCR ? COMPRESSION_NONE : COMPRESSION_JPEG;
    seeds.push_back(tiff_file(small_picture(), recipe));
  }
  TiffRecipe numbers;
  numbers.format = SAMPLEFORMAT_IEEEFP;
  numbers.no_data = "-9999";
  seeds.push_back(tiff_file((cv::Mat_<float>(1, 4) << 1, std::nanf(""), -9999, 4), numbers));
  TiffRecipe bands;
  bands.extra_samples = std::vector<uint16_t>(6, EXTRASAMPLE_UNSPECIFIED);
  bands.orientation = 6;
  seeds.push_back(tiff_file(noise(CV_16UC(7), 5, 4), bands));
  TiffRecipe packed;
  packed.bits = 12;
  packed.columns = 2;
  packed.compression = COMPRESSION_NONE;
  seeds.push_back(tiff_file((cv::Mat_<uint8_t>(1, 3) << 0xFF, 0xF1, 0x23), packed));
  return seeds;
}

std::vector<std::string> bmp_seeds() {
  std::vector<std::string> seeds{encode_image(".bmp", noise(CV_8UC3, 5, 7)), encode_image(".bmp", noise(CV_8UC1, 5, 7)),
                                 encode_image(".bmp", noise(CV_8UC4, 5, 7))};
  std::string palette = seeds[1];
  palette[54 + 4 * 100] = 3;  // one color of the table is no gray
  seeds.push_back(palette);
  std::string bits = seeds[1].substr(0, 54) + std::string(64, '\7') + std::string(20, '\x5A');
  bits.replace(10, 4, little_endian(54 + 64, 4));
  bits.replace(28, 2, little_endian(4, 2));
  bits.replace(46, 4, little_endian(16, 4));
  seeds.push_back(bits);
  return seeds;
}

std::vector<std::string> webp_seeds() {
  std::vector<std::string> seeds;
  for (const int type : {CV_8UC3, CV_8UC4})
    for (const int quality : {80, 101})
      seeds.push_back(encode_image(".webp", small_picture(type), {cv::IMWRITE_WEBP_QUALITY, quality}));
  seeds.push_back(webp_with_exif(seeds[0], small_picture(), 6));
  return seeds;
}

std::vector<std::string> gif_seeds() {
  const cv::Mat indices = noise(CV_8UC1) & 127, small = cv::Mat::zeros(4, 6, CV_8UC1);
  return {gif_file(40, 24, gif_frame(indices), "abcdef"), gif_file(6, 4, gif_frame(small) + gif_frame(small), "abc"),
          gif_file(9, 5, gif_frame(small, 2), "aaazzz"),
          gif_file(9, 5, std::string("!\xF9\4\1\0\0\3\0", 8) + gif_frame(small, 2), "abc")};
}

std::vector<std::string> pnm_seeds() {
  return {"P1 # black is 1\n3 1\n100",
          "P4\n3 1\n\x80",
          "P2 3 1 10 0 5 10",
          std::string("P5 3 1 10\n\0\5\n", 13),
          "P6 1 1 255\nabc",
          "P3 1 1 255\n97 98 99",
          std::string("P5 2 1 4095\n\x0F\xFF\0\1", 16)};
}

std::vector<std::string> npy_seeds() {
  return {npy_file("|u1", "(5, 6, 3)", std::string(90, '\7')), npy_file(">u2", "(2, 3)", "abcdefghijkl"),
          npy_file("<f4", "(2, 2)", std::string("\0\0\x80\x7F\0\0\x80\x3F\0\0\0\0\1\2\3\4", 16)),
          npy_file("<i8", "(1, 2)", "abcdefghijklmnop", true), npy_file("|b1", "(1, 2)", std::string("\0\1", 2))};
}

std::vector<std::string> jpeg2000_seeds() {
  std::vector<std::string> seeds;
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1}) {
    cv::Mat picture;
    cv::GaussianBlur(noise(type, 64, 80), picture, {}, 4);
    seeds.push_back(encode_image(".jp2", picture));
  }
  seeds.push_back(seeds[1].substr(seeds[1].find("\xFF\x4F\xFF\x51")));
  return seeds;
}

FuzzTarget image_target(const std::string& name, std::vector<std::string> (*seeds)()) {
  return {name, kImageFile, seeds, read_image_file};
}

}  // namespace

std::vector<FuzzTarget> image_targets() {
  std::vector<FuzzTarget> targets{image_target("png", png_seeds),   image_target("jpeg", jpeg_seeds),
                                  image_target("tiff", tiff_seeds), image_target("bmp", bmp_seeds),
                                  image_target("webp", webp_seeds), image_target("gif", gif_seeds),
                                  image_target("pnm", pnm_seeds),   image_target("npy", npy_seeds)};
  targets[0].repair = repair_png;
  if (cv::haveImageWriter("x.jp2")) targets.push_back(image_target("jpeg2000", jpeg2000_seeds));
  const auto exif_seeds = [] {
    return std::vector<std::string>{exif_block(6), std::string("Exif\0\0", 6) + exif_block(3)};
  };
  targets.push_back({"exif", kImageFile, exif_seeds, read_exif});
  return targets;
}

}  // namespace unet
