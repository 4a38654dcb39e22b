#include "data/images/image_io.h"

#include <algorithm>
#include <bitset>
#include <cctype>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/files/atomic_file.h"
#include "data/images/format.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

/// A lossy file with more distinct values than this was blurred by compression and is no longer a mask.
constexpr int64_t kMaxLossyValues = 8;

constexpr const char* kMaskKinds = "expected 8- or 16-bit gray, one value per class (PNG, TIFF, BMP or lossless WebP)";

struct Decoded {
  ImageInfo info;
  cv::Mat samples;  ///< as FormatReader::decode returns them, with the EXIF orientation applied
};

/// Applies an EXIF orientation. Source: Exif 2.32, JEITA CP-3451E, tag 0x0112.
cv::Mat upright(const cv::Mat& stored, int orientation) {
  cv::Mat image = stored;
  if (orientation >= 5) cv::transpose(stored, image);
  cv::Mat turned;
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(image, turned, 1);
      return turned;
    case 3:
    case 7:
      cv::flip(image, turned, -1);
      return turned;
    case 4:
    case 8:
      cv::flip(image, turned, 0);
      return turned;
    default:
      return image;
  }
}

Decoded decode_file(const std::string& path) {
  const std::string bytes = read_file(path);
  const ImageInfo info = probe_image(bytes, path);
  const auto reader = std::find_if(format_readers().begin(), format_readers().end(),
                                   [&](const FormatReader& row) { return row.format == info.format; });
  const ByteView file(bytes, path);
  try {
    return {info, upright(reader->decode(file, info), info.orientation)};
  } catch (const cv::Exception& error) {
    file.refuse("damaged ", reader->name, ": ", error.err, ". Copy or download it again");
  }
}

bool channels_equal(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

bool is_opaque(const cv::Mat& alpha) {
  double lowest = 0;
  cv::minMaxLoc(alpha, &lowest);
  return lowest == (alpha.depth() == CV_16U ? 65535 : 255);
}

/// Returns the gray plane of an image whose color channels are equal and whose alpha channel is opaque.
cv::Mat gray_plane(const cv::Mat& image, const std::string& path) {
  std::vector<cv::Mat> planes;
  cv::split(image, planes);
  const bool color = planes.size() >= 3;
  if (color && !(channels_equal(planes[0], planes[1]) && channels_equal(planes[0], planes[2])))
    fail(ErrorKind::data, path, ": got a colored mask, ", kMaskKinds, ". Convert it to gray values");
  if (planes.size() % 2 == 0 && !is_opaque(planes.back()))
    fail(ErrorKind::data, path, ": got a mask with transparency, ", kMaskKinds, ". Remove the alpha channel");
  return planes[0];
}

int64_t distinct_bytes(const cv::Mat& values) {
  std::bitset<256> seen;
  for (auto value = values.begin<uint8_t>(); value != values.end<uint8_t>(); ++value) seen.set(*value);
  return static_cast<int64_t>(seen.count());
}

std::string extension_of(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

cv::Mat from_rgb(const cv::Mat& image) {
  cv::Mat swapped;
  if (image.channels() == 3) cv::cvtColor(image, swapped, cv::COLOR_RGB2BGR);
  if (image.channels() == 4) cv::cvtColor(image, swapped, cv::COLOR_RGBA2BGRA);
  return swapped.empty() ? image : swapped;
}

bool write_page(TIFF* tiff, const cv::Mat& plane) {
  constexpr int kFastestDeflate = 1;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, plane.cols);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, plane.rows);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, kFastestDeflate);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_FLOATINGPOINT);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  for (int y = 0; y < plane.rows; ++y) {
    cv::Mat row = plane.row(y).clone();  // the predictor works in place
    if (TIFFWriteScanline(tiff, row.data, static_cast<uint32_t>(y), 0) != 1) return false;
  }
  return TIFFWriteDirectory(tiff) == 1;
}

}  // namespace

cv::Mat read_image(const std::string& path) {
  auto [info, image] = decode_file(path);
  if (info.bits < 8 && !info.palette) image *= 255 / ((1 << info.bits) - 1);
  if (image.channels() != 2) return image;
  cv::Mat color(image.size(), CV_MAKETYPE(image.depth(), 4));
  cv::mixChannels({image}, {color}, {0, 0, 0, 1, 0, 2, 1, 3});
  return color;
}

cv::Mat read_mask_values(const std::string& path) {
  const auto [info, image] = decode_file(path);
  if (info.palette)
    fail(ErrorKind::data, path, ": got a mask with a palette, ", kMaskKinds,
         ". Save the palette indices as gray values");
  const cv::Mat values = gray_plane(image, path);
  if (!info.lossy) return values;
  if (const int64_t count = distinct_bytes(values); count > kMaxLossyValues)
    fail(ErrorKind::data, path, ": got ", count, " values from a lossy format, ", kMaskKinds,
         ". Save the original mask in such a format; JPEG blurs the borders of classes");
  return values;
}

void write_image(const std::string& path, const cv::Mat& image) {
  constexpr int kPngCompression = 1;
  std::vector<uint8_t> bytes;
  try {
    if (!has_image_extension(path) ||
        !cv::imencode(extension_of(path), from_rgb(image), bytes, {cv::IMWRITE_PNG_COMPRESSION, kPngCompression}))
      fail(ErrorKind::cannot_create, path, ": no image format for the extension '", extension_of(path),
           "', expected .png, .jpg, .tif, .bmp or .webp");
  } catch (const cv::Exception& error) {
    fail(ErrorKind::cannot_create, path, ": the format cannot store this image: ", error.err, ". Use .png");
  }
  write_file(path, std::string(bytes.begin(), bytes.end()));
}

void write_tiff_pages(const std::string& path, const std::vector<cv::Mat>& planes) {
  TiffStream stream;
  TiffHandle tiff = open_tiff(stream, "w");
  bool written = tiff != nullptr;
  for (const cv::Mat& plane : planes) written = written && write_page(tiff.get(), plane);
  tiff.reset();
  if (!written) fail(ErrorKind::internal, path, ": libtiff failed: ", stream.message);
  write_file(path, stream.written);
}

bool has_image_extension(const std::string& path) {
  const std::string extension = extension_of(path);
  for (const char* known : {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
    if (extension == known) return true;
  return false;
}

}  // namespace unet
