#include "data/images/image_io.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "data/files/atomic_file.h"
#include "data/files/folder.h"
#include "data/images/format.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

struct Decoded {
  ImageInfo info;
  StoredPixels pixels;  ///< with the EXIF orientation applied
};

/// Transposes an image; OpenCV does so for at most 4 channels of some types.
cv::Mat transposed(const cv::Mat& image) {
  cv::Mat result;
  if (image.channels() <= 4) {
    cv::transpose(image, result);
    return result;
  }
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  for (cv::Mat& channel : channels) channel = channel.t();
  cv::merge(channels, result);
  return result;
}

Decoded decode_file(const std::string& path, int page) {
  const std::string bytes = read_file(path);
  const int index = std::max(page, 0);
  const ImageInfo info = probe_image(bytes, path, index);
  const auto reader = std::find_if(format_readers().begin(), format_readers().end(),
                                   [&](const FormatReader& row) { return row.format == info.format; });
  const ByteView file(bytes, path);
  if (page == kOnlyPage && info.pages > 1)
    file.refuse(reader->name, " of ", info.pages, " pages, expected one. Save each page as its own file");
  try {
    StoredPixels pixels = reader->decode(file, info, index);
    if (pixels.samples.cols != info.width || pixels.samples.rows != info.height)
      file.refuse("damaged ", reader->name, ": two contradicting headers. Copy or download it again");
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

/// Scales integers so that full intensity is the largest value of their type.
void scale_to_full_range(cv::Mat& pixels, const ImageInfo& info) {
  if (pixels.depth() > CV_16U) return;
  const double white = info.white > 0 ? static_cast<double>(info.white) : std::exp2(info.bits) - 1;
  const double full = full_range(pixels.depth());
  if (white != full) pixels.convertTo(pixels, -1, full / white);
}

/// Sets pixels without a value to 0, so that no NaN gets into sums.
void clear_invalid(cv::Mat& pixels, const cv::Mat& invalid) {
  const size_t bytes = pixels.elemSize();
  for (int y = 0; y < invalid.rows; ++y)
    for (int x = 0; x < invalid.cols; ++x)
      if (invalid.at<uint8_t>(y, x) != 0) std::memset(pixels.ptr(y) + static_cast<size_t>(x) * bytes, 0, bytes);
}

/// Converts floating-point labels, which must be whole numbers, to integers.
cv::Mat whole_numbers(const cv::Mat& values, const std::string& path) {
  if (values.depth() != CV_32F) return values;
  constexpr float kLimit = 2147483648.0F;  // 2^31
  cv::Mat whole(values.size(), CV_32SC1);
  int fractions = 0, missing = 0;
  for (int y = 0; y < values.rows; ++y)
    for (int x = 0; x < values.cols; ++x) {
      const float value = values.at<float>(y, x);
      const bool is_whole = value >= -kLimit && value < kLimit && value == std::floor(value);
      missing += std::isnan(value) ? 1 : 0;
      fractions += is_whole || std::isnan(value) ? 0 : 1;
      whole.at<int32_t>(y, x) = is_whole ? static_cast<int32_t>(value) : 0;
    }
  if (missing > 0)
    fail(ErrorKind::data, path, ": got a mask in which ", missing, " of ", values.total(), " values are NaN, expected ",
         "class numbers. Give these pixels a number of their own and list it in data.ignore_values");
  if (fractions > 0)
    fail(ErrorKind::data, path, ": got a floating-point mask in which ", fractions, " of ", values.total(),
         " values are no whole numbers of 32 bits, expected class numbers. Probabilities need a threshold before they ",
         "are labels");
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
  // Some writers add an opaque alpha channel without its tag.
  const bool is_opaque = (channels.size() == 2 || channels.size() == 4) && channels[0].depth() <= CV_16U &&
                         is_constant(channels.back(), full_range(channels[0].depth()));
  if (has_alpha || is_opaque) channels.pop_back();
  const bool is_gray = std::all_of(channels.begin() + 1, channels.end(),
                                   [&](const cv::Mat& channel) { return channels_equal(channel, channels[0]); });
  if (is_gray) return whole_numbers(channels[0], path);
  if (channels.size() != 3 || channels[0].depth() != CV_8U)
    fail(ErrorKind::data, path, ": got a mask of ", channels.size(), " different channels of type ", channels[0].type(),
         ", expected one value for each pixel, or RGB colors of 8 bits");
  cv::Mat colors;
  cv::merge(channels, colors);
  return colors;
}

bool is_written_format(const std::string& extension) {
  for (const char* known : {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
    if (extension == known) return true;
  return false;
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
  else
    scale_to_full_range(pixels, info);
  if (pixels.depth() == CV_32S) pixels.convertTo(pixels, CV_32F);
  clear_invalid(pixels, stored.invalid);
  if (info.has_alpha && pixels.channels() == 2) pixels = gray_to_color(pixels);
  return {pixels, info.has_alpha, stored.invalid, info.converted, info.orientation};
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
    if (!is_written_format(extension_of(path)) ||
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

const std::vector<std::string>& image_extensions() {
  static const std::vector<std::string> table{
      ".png",  ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".btf", ".tf8", ".lsm", ".bmp", ".dib",
      ".webp", ".gif",  ".jp2", ".j2k",  ".j2c", ".jpc",  ".jpx", ".jpf",  ".ppm", ".pgm", ".pbm", ".pnm", ".npy"};
  return table;
}

bool has_image_extension(const std::string& path) {
  constexpr std::string_view kCellpose = "_seg.npy";
  if (path.size() >= kCellpose.size() && path.compare(path.size() - kCellpose.size(), kCellpose.size(), kCellpose) == 0)
    return false;
  const std::vector<std::string>& known = image_extensions();
  return std::find(known.begin(), known.end(), extension_of(path)) != known.end();
}

}  // namespace unet
