#pragma once

#include <tiffio.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "data/images/tiff_stream.h"

namespace unet {

// Builders of image files, for tests of damaged and unusual ones.

inline std::string little_endian(uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> 8 * i & 0xFF));
  return text;
}

inline std::string big_endian(uint32_t value, int bytes) {
  const std::string reversed = little_endian(value, bytes);
  return {reversed.rbegin(), reversed.rend()};
}

/// Random pixels, the same in every call.
inline cv::Mat noise(int type = CV_8UC3, int height = 24, int width = 40) {
  cv::Mat image(height, width, type);
  cv::RNG random(7);
  random.fill(image, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65536 : 256);
  return image;
}

inline std::string encode_image(const std::string& extension, const cv::Mat& image,
                                const std::vector<int>& flags = {}) {
  std::vector<uint8_t> bytes;
  cv::imencode(extension, image, bytes, flags);
  return {bytes.begin(), bytes.end()};
}

inline std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<uint32_t>(data.size()), 4) + body + big_endian(static_cast<uint32_t>(crc), 4);
}

inline std::string png_header(uint32_t width, uint32_t height, int bits, int color_type) {
  return "\x89PNG\r\n\x1a\n" +
         png_chunk("IHDR", big_endian(width, 4) + big_endian(height, 4) + static_cast<char>(bits) +
                               static_cast<char>(color_type) + std::string(3, '\0'));
}

/// Compresses bytes as zlib does.
inline std::string deflated(const std::string& raw) {
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()),
           static_cast<uLong>(raw.size()));
  return packed.substr(0, size);
}

/// A PNG file of packed rows; `before` holds the chunks between header and pixels.
inline std::string png_file(uint32_t width, uint32_t height, int bits, int color_type,
                            const std::vector<std::string>& rows, const std::string& before = "") {
  std::string raw;
  for (const std::string& row : rows) raw += std::string(1, '\0') + row;
  return png_header(width, height, bits, color_type) + before + png_chunk("IDAT", deflated(raw)) +
         png_chunk("IEND", "");
}

/// An EXIF block that holds only an orientation.
inline std::string exif_block(int orientation) {
  return std::string("II*\0", 4) + little_endian(8, 4) + little_endian(1, 2) + little_endian(0x0112, 2) +
         little_endian(3, 2) + little_endian(1, 4) + little_endian(static_cast<uint32_t>(orientation), 4) +
         little_endian(0, 4);
}

constexpr size_t kPngHeaderEnd = 33;

inline std::string insert_png_chunk(const std::string& png, const std::string& chunk) {
  return png.substr(0, kPngHeaderEnd) + chunk + png.substr(kPngHeaderEnd);
}

inline std::string jpeg_with_exif(const std::string& jpeg, int orientation) {
  const std::string data = std::string("Exif\0\0", 6) + exif_block(orientation);
  const auto length = static_cast<uint32_t>(data.size() + 2);
  return jpeg.substr(0, 2) + "\xFF\xE1" + big_endian(length, 2) + data + jpeg.substr(2);
}

inline std::string riff_chunk(const std::string& type, const std::string& data) {
  return type + little_endian(static_cast<uint32_t>(data.size()), 4) + data + std::string(data.size() % 2, '\0');
}

inline std::string webp_file(const std::string& chunks) { return riff_chunk("RIFF", "WEBP" + chunks); }

inline std::string webp_extended(int flags, uint32_t width, uint32_t height) {
  return riff_chunk("VP8X", little_endian(static_cast<uint32_t>(flags), 4) + little_endian(width - 1, 3) +
                                little_endian(height - 1, 3));
}

inline std::string webp_with_exif(const std::string& webp, const cv::Mat& image, int orientation) {
  return webp_file(webp_extended(0x08, static_cast<uint32_t>(image.cols), static_cast<uint32_t>(image.rows)) +
                   webp.substr(12) + riff_chunk("EXIF", exif_block(orientation)));
}

/// Encoding of a TIFF file.
struct TiffRecipe {
  int photometric = PHOTOMETRIC_MINISBLACK;
  int orientation = ORIENTATION_TOPLEFT;
  int compression = COMPRESSION_LZW;
  int format = SAMPLEFORMAT_UINT;
  int pages = 1;
  bool separate = false;
  bool tiled = false;
  std::vector<uint16_t> extra_samples{};  ///< EXTRASAMPLE_... for each channel after the colors
  std::vector<uint32_t> kinds{};          ///< FILETYPE_... of each page
  std::string no_data{};                  ///< GDAL's value for missing pixels
  int bits = 0;                           ///< per sample, already packed in `image`; 0: those of the type
  int columns = 0;                        ///< width; 0: that of `image`
  int strip_rows = 0;                     ///< 0: all rows in one strip
};

inline std::string tiff_file(const cv::Mat& image, const TiffRecipe& recipe) {
  TiffStream stream;
  TiffHandle tiff = open_tiff(stream, "w");
  std::vector<cv::Mat> planes{image};
  if (recipe.separate) cv::split(image, planes);
  char no_data_name[] = "GDALNoData";
  const TIFFFieldInfo no_data{42113, -1, -1, TIFF_ASCII, FIELD_CUSTOM, 1, 0, no_data_name};
  TIFFMergeFieldInfo(tiff.get(), &no_data, 1);
  for (int page = 0; page < recipe.pages; ++page) {
    const auto number = static_cast<size_t>(page);
    if (number < recipe.kinds.size()) TIFFSetField(tiff.get(), TIFFTAG_SUBFILETYPE, recipe.kinds[number]);
    if (!recipe.extra_samples.empty())
      TIFFSetField(tiff.get(), TIFFTAG_EXTRASAMPLES, static_cast<int>(recipe.extra_samples.size()),
                   recipe.extra_samples.data());
    if (!recipe.no_data.empty()) TIFFSetField(tiff.get(), 42113, recipe.no_data.c_str());
    if (recipe.photometric == PHOTOMETRIC_YCBCR) TIFFSetField(tiff.get(), TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
    TIFFSetField(tiff.get(), TIFFTAG_IMAGEWIDTH, recipe.columns > 0 ? recipe.columns : image.cols);
    TIFFSetField(tiff.get(), TIFFTAG_IMAGELENGTH, image.rows);
    TIFFSetField(tiff.get(), TIFFTAG_BITSPERSAMPLE,
                 recipe.bits > 0 ? recipe.bits : static_cast<int>(8 * image.elemSize1()));
    TIFFSetField(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, image.channels());
    TIFFSetField(tiff.get(), TIFFTAG_SAMPLEFORMAT, recipe.format);
    TIFFSetField(tiff.get(), TIFFTAG_PHOTOMETRIC, recipe.photometric);
    TIFFSetField(tiff.get(), TIFFTAG_COMPRESSION, recipe.compression);
    TIFFSetField(tiff.get(), TIFFTAG_ORIENTATION, recipe.orientation);
    TIFFSetField(tiff.get(), TIFFTAG_PLANARCONFIG, recipe.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (recipe.photometric == PHOTOMETRIC_PALETTE) {
      std::vector<uint16_t> table(256);
      for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<uint16_t>(i * 257);
      TIFFSetField(tiff.get(), TIFFTAG_COLORMAP, table.data(), table.data(), table.data());
    }
    if (recipe.strip_rows > 0) TIFFSetField(tiff.get(), TIFFTAG_ROWSPERSTRIP, recipe.strip_rows);
    constexpr int kTile = 16;
    if (recipe.tiled) {
      TIFFSetField(tiff.get(), TIFFTAG_TILEWIDTH, kTile);
      TIFFSetField(tiff.get(), TIFFTAG_TILELENGTH, kTile);
    }
    for (size_t plane = 0; plane < planes.size(); ++plane) {
      const auto sample = static_cast<uint16_t>(plane);
      if (!recipe.tiled)
        for (int y = 0; y < image.rows; ++y)
          TIFFWriteScanline(tiff.get(), planes[plane].row(y).clone().data, static_cast<uint32_t>(y), sample);
      for (int y = 0; recipe.tiled && y < image.rows; y += kTile)
        for (int x = 0; x < image.cols; x += kTile) {
          cv::Mat tile = cv::Mat::zeros(kTile, kTile, planes[plane].type());
          const cv::Rect part = cv::Rect(x, y, kTile, kTile) & cv::Rect({}, image.size());
          planes[plane](part).copyTo(tile({0, 0, part.width, part.height}));
          TIFFWriteTile(tiff.get(), tile.data, static_cast<uint32_t>(x), static_cast<uint32_t>(y), 0, sample);
        }
    }
    TIFFWriteDirectory(tiff.get());
  }
  tiff.reset();
  return stream.written;
}

/// A NumPy array of version 1; `shape` with its brackets.
inline std::string npy_file(const std::string& type, const std::string& shape, const std::string& data,
                            bool fortran = false) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
  header.resize((10 + header.size() + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  return "\x93NUMPY" + std::string("\1\0", 2) + little_endian(static_cast<uint32_t>(header.size()), 2) + header + data;
}

/// The numbers of a matrix as they lie in memory.
inline std::string raw_bytes(const cv::Mat& image) {
  return {reinterpret_cast<const char*>(image.data), image.total() * image.elemSize()};
}

/// A frame of a GIF with indices below 128; a cleared code table every 100 codes leaves all codes 8 bits long.
inline std::string gif_frame(const cv::Mat& indices, int left = 0) {
  std::string codes;
  uint32_t window = 0;
  int held = 0;
  const auto put = [&](uint32_t code) {
    window |= code << held;
    for (held += 8; held >= 8; held -= 8, window >>= 8) codes.push_back(static_cast<char>(window & 0xFF));
  };
  for (int i = 0; i < static_cast<int>(indices.total()); ++i) {
    if (i % 100 == 0) put(128);
    put(indices.at<uint8_t>(i / indices.cols, i % indices.cols));
  }
  put(129);
  std::string blocks;
  for (size_t at = 0; at < codes.size(); at += 255) {
    const std::string block = codes.substr(at, 255);
    blocks += static_cast<char>(block.size()) + block;
  }
  return "," + little_endian(static_cast<uint32_t>(left), 2) + little_endian(0, 2) +
         little_endian(static_cast<uint32_t>(indices.cols), 2) + little_endian(static_cast<uint32_t>(indices.rows), 2) +
         std::string("\0\7", 2) + blocks + std::string(1, '\0');
}

/// A GIF of these frames, whose 128 colors are `colors`, RGB after RGB, and black for the rest.
inline std::string gif_file(int width, int height, const std::string& frames, std::string colors) {
  colors.resize(3 * 128, '\0');
  return "GIF89a" + little_endian(static_cast<uint32_t>(width), 2) + little_endian(static_cast<uint32_t>(height), 2) +
         std::string("\x86\0\0", 3) + colors + frames + ";";
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace unet
