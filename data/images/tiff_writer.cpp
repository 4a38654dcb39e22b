#include "data/images/tiff_writer.h"

#include <limits>
#include <vector>

#include "configs/schema/error.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

constexpr uint32_t kGdalNoData = 42113;  ///< of GDAL

/// Whether every channel of a valid pixel has this value.
bool is_value_used(const Image& image, double value) {
  std::vector<cv::Mat> planes;
  cv::split(image.pixels, planes);
  cv::Mat equal = image.invalid == 0;
  for (const cv::Mat& plane : planes) equal &= plane == value;
  return cv::countNonZero(equal) > 0;
}

/// Returns the value that stands for missing pixels: one that no valid pixel has.
double no_data_value(const Image& image) {
  if (image.pixels.depth() == CV_32F) return std::numeric_limits<double>::quiet_NaN();
  constexpr int kTries = 256;
  const auto largest = static_cast<int>(full_range(image.pixels.depth()));
  for (int value = largest; value > largest - kTries; --value)
    if (!is_value_used(image, value)) return value;
  fail(ErrorKind::data,
       "has pixels without a value, and uses every value that could stand for them, so that it cannot ", "be written");
}

cv::Mat with_no_data(const Image& image, double value) {
  std::vector<cv::Mat> planes;
  cv::split(image.pixels, planes);
  for (cv::Mat& plane : planes) plane.setTo(value, image.invalid);
  cv::Mat pixels;
  cv::merge(planes, pixels);
  return pixels;
}

void set_no_data(TIFF* tiff, double value) {
  char name[] = "GDALNoData";
  const TIFFFieldInfo field{kGdalNoData, -1, -1, TIFF_ASCII, FIELD_CUSTOM, 1, 0, name};
  if (TIFFFindField(tiff, kGdalNoData, TIFF_ANY) == nullptr) TIFFMergeFieldInfo(tiff, &field, 1);
  TIFFSetField(tiff, kGdalNoData, concat(value).c_str());
}

/// The channels after the colors; only the last may be alpha.
std::vector<uint16_t> extra_samples(const Image& image, bool is_rgb) {
  const auto count = static_cast<size_t>(image.pixels.channels() - (is_rgb ? 3 : 1));
  std::vector<uint16_t> kinds(count, EXTRASAMPLE_UNSPECIFIED);
  if (image.has_alpha && count > 0) kinds.back() = EXTRASAMPLE_UNASSALPHA;
  return kinds;
}

void set_tags(TIFF* tiff, const Image& image) {
  const int channels = image.pixels.channels();
  const bool is_float = image.pixels.depth() == CV_32F, is_rgb = channels == 3 || channels == 4;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, image.pixels.cols);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, image.pixels.rows);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * image.pixels.elemSize1()));
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, is_rgb ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  const std::vector<uint16_t> extra = extra_samples(image, is_rgb);
  if (!extra.empty()) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, is_float ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
}

}  // namespace

std::string encode_tiff(const Image& image) {
  if (image.pixels.depth() != CV_8U && image.pixels.depth() != CV_16U && image.pixels.depth() != CV_32F)
    fail(ErrorKind::internal, "TIFF of pixels of type ", image.pixels.type(),
         ", expected 8 or 16 bits, or floats of 32");
  TiffStream stream;
  TiffHandle tiff = open_tiff(stream, "w");
  if (!tiff) fail(ErrorKind::internal, "libtiff failed: ", stream.message);
  set_tags(tiff.get(), image);
  cv::Mat pixels = image.pixels;
  if (!image.invalid.empty()) {
    const double value = no_data_value(image);
    pixels = with_no_data(image, value);
    if (pixels.depth() != CV_32F) set_no_data(tiff.get(), value);
  }
  bool is_written = true;
  for (int y = 0; y < pixels.rows && is_written; ++y) {
    cv::Mat row = pixels.row(y).clone();  // the predictor works in place
    is_written = TIFFWriteScanline(tiff.get(), row.data, static_cast<uint32_t>(y), 0) == 1;
  }
  is_written = is_written && TIFFWriteDirectory(tiff.get()) == 1;
  tiff.reset();
  if (!is_written) fail(ErrorKind::internal, "libtiff failed: ", stream.message);
  return stream.written;
}

}  // namespace unet
