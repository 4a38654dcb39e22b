// Source: TIFF Revision 6.0, Adobe 1992.

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>

#include "data/images/format.h"
#include "data/images/sample_type.h"
#include "data/images/tiff_page.h"
#include "data/images/tiff_samples.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

bool is_tiff(const ByteView& file) {
  for (const auto magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (file.has(magic, 0)) return true;
  return false;
}

[[noreturn]] void refuse_damaged(const ByteView& file, const TiffStream& stream) {
  file.refuse("damaged TIFF: ", stream.message.empty() ? "its pixels do not decode" : stream.message,
              ". Copy or download it again");
}

/// Opens a file of which `stream` has the bytes or the place on disk.
TiffHandle open(const ByteView& file, TiffStream& stream) {
  // "m": no memory map, which would not survive a file that shrinks, and gains nothing for bytes in memory.
  TiffHandle tiff = open_tiff(stream, "rm");
  if (!tiff) refuse_damaged(file, stream);
  return tiff;
}

/// Goes to a page, counted from 0 without reduced-resolution copies and transparency masks. Returns how many there are.
int go_to_page(const ByteView& file, const TiffStream& stream, TIFF* tiff, int page) {
  std::vector<tdir_t> pages;
  for (tdir_t directory = 0;; ++directory) {
    if ((tiff_field<uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0) & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0)
      pages.push_back(directory);
    if (TIFFLastDirectory(tiff) != 0) break;
    if (TIFFReadDirectory(tiff) != 1) refuse_damaged(file, stream);
  }
  if (pages.empty()) pages.push_back(0);
  const auto index = static_cast<size_t>(page);
  if (index >= pages.size()) file.refuse("TIFF of ", pages.size(), " pages, expected page ", page + 1);
  if (TIFFSetDirectory(tiff, pages[index]) != 1) refuse_damaged(file, stream);
  return static_cast<int>(pages.size());
}

/// Refuses files of which libtiff would show a part as the whole.
void check_description(const ByteView& file, TIFF* tiff, int pages) {
  const char* text = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) != 1 || text == nullptr) return;
  const std::string_view description(text);
  if (description.substr(0, 7) == "Aperio ")
    file.refuse("got a whole-slide image (SVS), expected one picture. Cut it into tiles: vips dzsave IN OUT ",
                "--tile-size 1024 --overlap 0 --depth one --suffix .png");
  const size_t count = description.find("\nimages=");
  if (description.substr(0, 7) != "ImageJ=" || count == std::string_view::npos || pages != 1) return;
  const long images = std::strtol(text + count + 8, nullptr, 10);
  if (images > 1)
    file.refuse("ImageJ stack of ", images,
                " images without a page for each. Save it again with Bio-Formats: ", "bfconvert IN OUT.ome.tif");
}

ImageInfo probe_tiff(const ByteView& file, int page) {
  TiffStream stream;
  stream.source = file.part(0, file.size());
  const TiffHandle tiff = open(file, stream);
  const int pages = go_to_page(file, stream, tiff.get(), page);
  ImageInfo info = read_tiff_page(file, tiff.get()).info;
  info.pages = pages;
  check_description(file, tiff.get(), pages);
  return info;
}

/// Returns the pixels as RGB of 8 bits, which libtiff converts from YCbCr.
cv::Mat read_converted(const ByteView& file, const TiffStream& stream, TIFF* tiff, const ImageInfo& info) {
  char reason[1024] = "";
  if (TIFFRGBAImageOK(tiff, reason) != 1) file.refuse("TIFF that libtiff cannot convert to RGB: ", reason);
  cv::Mat rgba(static_cast<int>(info.height), static_cast<int>(info.width), CV_8UC4), rgb;
  // Asking for the orientation that the file has, so that libtiff flips nothing.
  const int orientation = tiff_field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  if (TIFFReadRGBAImageOriented(tiff, static_cast<uint32_t>(rgba.cols), static_cast<uint32_t>(rgba.rows),
                                rgba.ptr<uint32_t>(), orientation, 1) != 1)
    refuse_damaged(file, stream);
  cv::cvtColor(rgba, rgb, cv::COLOR_RGBA2RGB);
  return rgb;
}

/// Returns the color table, RGB by index. Tables hold 16 bits per color; some writers use only 8, which the
/// largest value shows.
std::vector<cv::Vec3b> palette_of(const ByteView& file, TIFF* tiff, int bits) {
  uint16_t* table[3] = {};
  if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &table[0], &table[1], &table[2]) != 1 || bits > 8)
    file.refuse("damaged TIFF: a palette image without a color table. Convert it to RGB");
  const int entries = 1 << bits;
  uint16_t largest = 0;
  for (const uint16_t* channel : table) largest = std::max(largest, *std::max_element(channel, channel + entries));
  const int shift = largest > 255 ? 8 : 0;
  std::vector<cv::Vec3b> palette;
  for (int i = 0; i < entries; ++i) {
    const auto channel = [&](int c) { return static_cast<uint8_t>(table[c][i] >> shift); };
    palette.emplace_back(channel(0), channel(1), channel(2));
  }
  return palette;
}

/// Returns the value that stands for missing pixels. Source: GDAL, GeoTIFF driver, tag GDAL_NODATA.
std::optional<double> no_data_of(TIFF* tiff) {
  constexpr uint32_t kNoDataTag = 42113;
  const TIFFField* description = TIFFFindField(tiff, kNoDataTag, TIFF_ANY);
  if (description == nullptr || TIFFFieldDataType(description) != TIFF_ASCII) return std::nullopt;
  const char* text = nullptr;
  std::string value;
  if (TIFFFieldPassCount(description) == 0) {  // GDAL's own description of the tag, where OpenCV loaded GDAL
    if (TIFFGetField(tiff, kNoDataTag, &text) == 1 && text != nullptr) value = text;
  } else if (TIFFFieldReadCount(description) == TIFF_VARIABLE2) {
    uint32_t count = 0;
    if (TIFFGetField(tiff, kNoDataTag, &count, &text) == 1 && text != nullptr) value.assign(text, count);
  }
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  return end == value.c_str() ? std::nullopt : std::optional(number);
}

/// Makes 0 black where the file has white there.
void invert_gray(const ImageInfo& info, cv::Mat& samples) {
  cv::Mat gray;
  cv::extractChannel(samples, gray, 0);
  cv::subtract(cv::Scalar((1 << info.bits) - 1), gray, gray);
  cv::insertChannel(gray, samples, 0);
}

/// Chooses what the page's decoder gives.
void set_up_decoder(TIFF* tiff, const TiffPage& page) {
  if (page.compression == COMPRESSION_JPEG) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}

/// Decodes a rectangle of the page at which `tiff` stands.
StoredPixels decode_part(const ByteView& file, const TiffStream& stream, TIFF* tiff, const TiffPage& page,
                         const cv::Rect& part) {
  const ImageInfo& info = page.info;
  StoredPixels pixels{read_tiff_samples(tiff, page, part)};
  if (pixels.samples.empty()) refuse_damaged(file, stream);
  pixels.invalid = invalid_pixels(pixels.samples, info.palette ? std::nullopt : no_data_of(tiff));
  if (info.palette) pixels.palette = palette_of(file, tiff, info.bits);
  if (info.converted == "CIELab") pixels.samples = lab_to_rgb(pixels.samples);
  if (info.converted == "CMYK") pixels.samples = cmyk_to_rgb(pixels.samples);
  if (page.photometric == PHOTOMETRIC_MINISWHITE && pixels.samples.depth() <= CV_16U) invert_gray(info, pixels.samples);
  return pixels;
}

StoredPixels decode_tiff(const ByteView& file, const ImageInfo& info, int index) {
  TiffStream stream;
  stream.source = file.part(0, file.size());
  const TiffHandle tiff = open(file, stream);
  go_to_page(file, stream, tiff.get(), index);
  const TiffPage page = read_tiff_page(file, tiff.get());
  if (page.needs_libtiff) return {read_converted(file, stream, tiff.get(), info)};
  set_up_decoder(tiff.get(), page);
  return decode_part(file, stream, tiff.get(), page,
                     {0, 0, static_cast<int>(info.width), static_cast<int>(info.height)});
}

/// A page of a file on disk.
struct TiffOnDisk {
  TiffOnDisk(const RandomAccessFile& source, const ByteView& head, int index) : file(head) {
    stream.file = &source;
    tiff = open(file, stream);
    const int pages = go_to_page(file, stream, tiff.get(), index);
    page = read_tiff_page(file, tiff.get());
    page.info.pages = pages;
    check_description(file, tiff.get(), pages);
    set_up_decoder(tiff.get(), page);
  }

  ByteView file;
  TiffStream stream;
  TiffHandle tiff{nullptr, TIFFClose};
  TiffPage page;
};

class TiffRegions : public RegionDecoder {
 public:
  explicit TiffRegions(std::unique_ptr<TiffOnDisk> disk) : RegionDecoder(disk->page.info), disk_(std::move(disk)) {}
  StoredPixels decode(const cv::Rect& part) override {
    return decode_part(disk_->file, disk_->stream, disk_->tiff.get(), disk_->page, part);
  }

 private:
  std::unique_ptr<TiffOnDisk> disk_;
};

std::unique_ptr<RegionDecoder> open_tiff_regions(const RandomAccessFile& file, const ByteView& head, int index) {
  auto disk = std::make_unique<TiffOnDisk>(file, head, index);
  // The conversion of these colors needs the whole image, or is done by OpenCV, whose result may vary with the place in
  // a row.
  if (!disk->page.info.converted.empty()) return nullptr;
  return std::make_unique<TiffRegions>(std::move(disk));
}

}  // namespace

const FormatReader kTiff{ImageFormat::tiff, "TIFF", is_tiff, probe_tiff, decode_tiff, open_tiff_regions};

}  // namespace unet
