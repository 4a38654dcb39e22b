#include "data/images/image_io.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <system_error>
#include <utility>

#include "data/files/atomic_file.h"
#include "data/files/folder.h"
#include "data/files/memory_limit.h"
#include "data/images/format.h"
#include "data/images/image_values.h"
#include "data/images/tiff_pages.h"

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

/// Memory of this process, measured once.
int64_t memory_for_images() {
  static const int64_t limit = memory_limit();
  return limit;
}

[[noreturn]] void refuse_for_memory(const std::string& path, int64_t bytes) {
  constexpr int64_t kMebibyte = int64_t{1} << 20;
  fail(ErrorKind::data, path, ": too large: decoding needs ", bytes / kMebibyte + 1,
       " MiB of memory, expected at most ", memory_for_images() / kMebibyte,
       " MiB. Save it as TIFF in tiles, of which training reads only the crops: ",
       "gdal_translate -co TILED=YES -co COMPRESS=DEFLATE IN OUT.tif; or cut it into images");
}

/// Refuses a file that is too large, before memory is allocated for it.
void check_file_size(const std::string& path) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(path, ignored);
  if (ignored) return;
  if (bytes > kMaxFileBytes)
    fail(ErrorKind::data, path, ": too large: got ", bytes, " bytes, expected at most 2 GiB. Cut it into tiles");
  if (static_cast<int64_t>(bytes) > memory_for_images()) refuse_for_memory(path, static_cast<int64_t>(bytes));
}

Decoded decode_file(const std::string& path, int page) {
  check_file_size(path);
  const std::string bytes = read_file(path);
  const int index = std::max(page, 0);
  const ImageInfo info = probe_image(bytes, path, index);
  const auto reader = std::find_if(format_readers().begin(), format_readers().end(),
                                   [&](const FormatReader& row) { return row.format == info.format; });
  const ByteView file(bytes, path);
  if (page == kOnlyPage && info.pages > 1)
    file.refuse(reader->name, " of ", info.pages, " pages, expected one. Save each page as its own file");
  if (decoded_bytes(info) > memory_for_images()) refuse_for_memory(path, decoded_bytes(info));
  try {
    StoredPixels pixels = reader->decode(file, info, index);
    if (pixels.samples.cols != info.width || pixels.samples.rows != info.height)
      file.refuse("damaged ", reader->name, ": two contradicting headers. Copy or download it again");
    pixels.samples = apply_orientation(pixels.samples, info.orientation);
    if (!pixels.invalid.empty()) pixels.invalid = apply_orientation(pixels.invalid, info.orientation);
    return {info, pixels};
  } catch (const std::bad_alloc&) {
    refuse_for_memory(path, decoded_bytes(info));
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) refuse_for_memory(path, decoded_bytes(info));
    file.refuse("damaged ", reader->name, ": ", error.err, ". Copy or download it again");
  }
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
  Decoded file = decode_file(path, page);
  return to_image(file.info, std::move(file.pixels));
}

Mask read_mask(const std::string& path, const MaskReading& reading, int page) {
  const Decoded file = decode_file(path, page);
  return to_mask(file.info, file.pixels, reading, path);
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
  TiffPages file(path);
  for (const cv::Mat& plane : planes) file.add(plane);
  file.finish();
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
