#include "data/images/image_io.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "data/files/atomic_file.h"
#include "data/images/format.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

struct Decoded {
  ImageInfo info;
  StoredPixels pixels;  ///< with the EXIF orientation applied
};

/// Transposes images of any number of channels; cv::transpose takes pixels of at most 32 bytes.
cv::Mat transposed(const cv::Mat& image) {
  constexpr size_t kMaxPixelBytes = 32;
  cv::Mat result;
  if (image.elemSize() <= kMaxPixelBytes) {
    cv::transpose(image, result);
    return result;
  }
  std::vector<cv::Mat> planes;
  cv::split(image, planes);
  for (cv::Mat& plane : planes) plane = plane.t();
  cv::merge(planes, result);
  return result;
}

Decoded decode_file(const std::string& path, int page) {
  const std::string bytes = read_file(path);
  const ImageInfo info = probe_image(bytes, path, page);
  const auto reader = std::find_if(format_readers().begin(), format_readers().end(),
                                   [&](const FormatReader& row) { return row.format == info.format; });
  const ByteView file(bytes, path);
  try {
    StoredPixels pixels = reader->decode(file, info, page);
    pixels.samples = apply_orientation(pixels.samples, info.orientation);
    if (!pixels.invalid.empty()) pixels.invalid = apply_orientation(pixels.invalid, info.orientation);
    return {info, pixels};
  } catch (const cv::Exception& error) {
    file.refuse("damaged ", reader->name, ": ", error.err, ". Copy or download it again");
  }
}

bool channels_equal(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

bool is_constant(const cv::Mat& channel, double value) {
  double lowest = 0, highest = 0;
  cv::minMaxLoc(channel, &lowest, &highest);
  return lowest == value && highest == value;
}

cv::Mat apply_palette(const cv::Mat& indices, const std::vector<cv::Vec3b>& palette) {
  cv::Mat colors(indices.size(), CV_8UC3);
  for (int y = 0; y < indices.rows; ++y)
    for (int x = 0; x < indices.cols; ++x) colors.at<cv::Vec3b>(y, x) = palette[indices.at<uint8_t>(y, x)];
  return colors;
}

/// Converts gray and alpha to RGB and alpha.
cv::Mat gray_to_color(const cv::Mat& image) {
  cv::Mat color(image.size(), CV_MAKETYPE(image.depth(), 4));
  cv::mixChannels({image}, {color}, {0, 0, 0, 1, 0, 2, 1, 3});
  return color;
}

/// Converts floating-point labels, which must be whole numbers, to integers.
cv::Mat whole_numbers(const cv::Mat& values, const std::string& path) {
  if (values.depth() != CV_32F) return values;
  cv::Mat whole, back;
  values.convertTo(whole, CV_32S);
  whole.convertTo(back, CV_32F);
  if (const int fractions = cv::countNonZero(back != values); fractions > 0)
    fail(ErrorKind::data, path, ": got a floating-point mask in which ", fractions, " of ", values.total(),
         " values are no whole numbers, expected class numbers. Probabilities need a threshold before they are labels");
  return whole;
}

/// Returns the label values that the channels of a mask stand for.
cv::Mat label_values_of(std::vector<cv::Mat> channels, bool has_alpha, const MaskReading& reading,
                        const std::string& path) {
  if (reading.channel == MaskChannel::alpha) {
    if (!has_alpha)
      fail(ErrorKind::data, path, ": got a mask without alpha, expected one because data.mask_channel is alpha");
    return whole_numbers(channels.back(), path);
  }
  if (has_alpha && !is_constant(channels.back(), full_range(channels.back().depth())))
    fail(ErrorKind::data, path, ": got a mask with transparency. Set data.mask_channel: alpha to read the labels from ",
         "the alpha channel, or remove that channel");
  if (has_alpha) channels.pop_back();
  const bool is_gray = std::all_of(channels.begin(), channels.end(),
                                   [&](const cv::Mat& channel) { return channels_equal(channel, channels[0]); });
  if (is_gray) return whole_numbers(channels[0], path);
  if (channels.size() != 3 || channels[0].depth() != CV_8U)
    fail(ErrorKind::data, path, ": got a mask of ", channels.size(), " different channels of type ", channels[0].type(),
         ", expected one value for each pixel, or RGB colors of 8 bits");
  cv::Mat colors;
  cv::merge(channels, colors);
  return colors;
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

cv::Mat apply_orientation(const cv::Mat& stored, int orientation) {
  cv::Mat image = stored;
  if (orientation >= 5) image = transposed(stored);
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

Image read_image(const std::string& path, int page) {
  auto [info, stored] = decode_file(path, page);
  cv::Mat& pixels = stored.samples;
  if (!stored.palette.empty())
    pixels = apply_palette(pixels, stored.palette);
  else if (info.bits < 8)
    pixels *= 255 / ((1 << info.bits) - 1);
  if (pixels.depth() == CV_32S) pixels.convertTo(pixels, CV_32F);
  if (info.has_alpha && pixels.channels() == 2) pixels = gray_to_color(pixels);
  return {pixels, info.has_alpha, stored.invalid, info.orientation};
}

Mask read_mask(const std::string& path, const MaskReading& reading, int page) {
  auto [info, stored] = decode_file(path, page);
  Mask mask;
  mask.is_lossy = info.lossy;
  mask.orientation = info.orientation;
  if (!stored.palette.empty() && reading.palette == PaletteMode::indices) {
    mask.values = stored.samples;
    mask.palette = stored.palette;
    return mask;
  }
  std::vector<cv::Mat> channels;
  cv::split(stored.palette.empty() ? stored.samples : apply_palette(stored.samples, stored.palette), channels);
  mask.values = label_values_of(std::move(channels), info.has_alpha, reading, path);
  return mask;
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
