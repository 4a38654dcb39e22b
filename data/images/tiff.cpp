// Source: TIFF Revision 6.0, Adobe 1992.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "data/images/format.h"
#include "data/images/sample_type.h"
#include "data/images/tiff_stream.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

bool is_tiff(const ByteView& file) {
  for (const auto magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (file.has(magic, 0)) return true;
  return false;
}

template <class T>
T field(TIFF* tiff, ttag_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

[[noreturn]] void refuse_damaged(const ByteView& file, const TiffStream& stream) {
  file.refuse("damaged TIFF: ", stream.message.empty() ? "its pixels do not decode" : stream.message,
              ". Copy or download it again");
}

TiffHandle open(const ByteView& file, TiffStream& stream) {
  stream.source = file.part(0, file.size());
  // "m": no memory map, because the bytes are already in memory.
  TiffHandle tiff = open_tiff(stream, "rm");
  if (!tiff) refuse_damaged(file, stream);
  return tiff;
}

/// Goes to a page, counted from 0 without reduced-resolution copies and transparency masks. Returns how many there are.
int go_to_page(const ByteView& file, const TiffStream& stream, TIFF* tiff, int page) {
  std::vector<tdir_t> pages;
  for (tdir_t directory = 0;; ++directory) {
    if ((field<uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0) & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0)
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

struct TiffName {
  int code;
  const char* name;
};

/// Compressions that libtiff may have been built without, or does not know.
constexpr TiffName kCompressions[] = {{22610, "JPEG XR"},   {33003, "JPEG 2000"}, {33004, "JPEG 2000"},
                                      {33005, "JPEG 2000"}, {34712, "JPEG 2000"}, {34887, "LERC"},
                                      {34925, "LZMA"},      {50000, "Zstandard"}, {50001, "WebP"},
                                      {50002, "JPEG XL"},   {52546, "JPEG XL"}};

constexpr TiffName kUnreadColors[] = {{PHOTOMETRIC_ICCLAB, "ICC Lab"},
                                      {PHOTOMETRIC_ITULAB, "ITU Lab"},
                                      {PHOTOMETRIC_LOGL, "SGI LogL"},
                                      {PHOTOMETRIC_LOGLUV, "SGI LogLuv"},
                                      {32803, "raw camera sensor data"}};

template <size_t Count>
std::string name_in(const TiffName (&table)[Count], int code) {
  for (const TiffName& row : table)
    if (row.code == code) return row.name;
  return "";
}

void check_codec(const ByteView& file, int compression) {
  // libtiff's decoder of old-style JPEG depends on repairs of headers that most writers got wrong.
  const bool old_jpeg = compression == COMPRESSION_OJPEG;
  if (!old_jpeg && TIFFIsCODECConfigured(static_cast<uint16_t>(compression)) == 1) return;
  std::string name = old_jpeg ? "old-style JPEG" : name_in(kCompressions, compression);
  if (const TIFFCodec* codec = TIFFFindCODEC(static_cast<uint16_t>(compression)); name.empty() && codec != nullptr)
    name = codec->name;
  file.refuse("TIFF compressed with ", name.empty() ? "an unknown method" : name, " (code ", compression,
              "), which is not read here. Save it with Deflate or LZW: gdal_translate -co COMPRESS=DEFLATE IN OUT.tif");
}

/// Returns what the samples are, where they can be read.
SampleKind kind_of_samples(const ByteView& file, int format, int bits) {
  const bool is_wide = bits == 32 || bits == 64;
  switch (format) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      if ((bits >= 1 && bits <= 16) || is_wide) return SampleKind::unsigned_integer;
      break;
    case SAMPLEFORMAT_INT:
      if (bits == 8 || bits == 16 || is_wide) return SampleKind::signed_integer;
      break;
    case SAMPLEFORMAT_IEEEFP:
      if (bits == 16 || is_wide) return SampleKind::floating;
      break;
    default:
      file.refuse("TIFF of complex or unknown samples (format ", format, "), expected integers or floats. Save the ",
                  "magnitude, or real and imaginary part as two channels");
  }
  file.refuse("TIFF of ", bits, " bits per channel, expected 1 to 16, 32 or 64. Save it with 16 or 32 bits");
}

/// What the tags of a page say beside its header.
struct TiffPage {
  ImageInfo info;
  int photometric = PHOTOMETRIC_MINISBLACK;
  int compression = COMPRESSION_NONE;
  int stored = 1;              ///< channels as stored
  bool is_planar = false;      ///< one image for each channel instead of one of all channels
  bool needs_libtiff = false;  ///< libtiff converts YCbCr of lower color resolution
};

/// Returns how many channels the color model has; those after them are extra samples.
int color_channels(const ByteView& file, const TiffPage& page) {
  switch (page.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK:
      return 1;
    case PHOTOMETRIC_PALETTE:
      if (page.stored != 1 || page.info.bits > 8)
        file.refuse("palette TIFF of ", page.stored, " channels and ", page.info.bits,
                    " bits, expected 1 channel and at most 8 bits. Convert it to RGB");
      return 1;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_CIELAB:
    case 34892:  // linear raw, as in DNG files
      return 3;
    case PHOTOMETRIC_SEPARATED:
      return 4;
    default:
      const std::string name = name_in(kUnreadColors, page.photometric);
      file.refuse("TIFF of ", name.empty() ? "an unknown color model" : name, " (code ", page.photometric,
                  "), expected gray, palette, RGB, CMYK, YCbCr or CIELab. Convert it to RGB: magick IN OUT.png");
  }
}

bool has_alpha_tag(TIFF* tiff) {
  uint16_t count = 0;
  uint16_t* types = nullptr;
  if (TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &types) != 1 || count == 0) return false;
  return types[count - 1] == EXTRASAMPLE_ASSOCALPHA || types[count - 1] == EXTRASAMPLE_UNASSALPHA;
}

/// Sets what the color model means for the decoded image.
void read_color_model(const ByteView& file, TIFF* tiff, TiffPage& page) {
  ImageInfo& info = page.info;
  int colors = color_channels(file, page);
  const bool is_ink_set =
      page.photometric == PHOTOMETRIC_SEPARATED && field<uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK;
  if (is_ink_set) colors = page.stored;
  if (page.stored < colors || page.stored > kMaxChannels)
    file.refuse("TIFF of ", page.stored, " channels and color model ", page.photometric, ", expected ", colors, " to ",
                kMaxChannels, ". Choose bands: gdal_translate -b 1 -b 2 -b 3 IN OUT.tif");
  info.channels = page.stored;
  info.palette = page.photometric == PHOTOMETRIC_PALETTE;
  info.has_alpha = page.stored > colors && has_alpha_tag(tiff);
  const bool is_integer = info.kind == SampleKind::unsigned_integer;
  if (info.palette) {
    info.channels = 3;
  } else if (page.photometric == PHOTOMETRIC_SEPARATED && !is_ink_set) {
    if (!is_integer || (info.bits != 8 && info.bits != 16))
      file.refuse("CMYK TIFF of ", info.bits, " bits, expected unsigned integers of 8 or 16. Convert it to RGB");
    info.channels = page.stored - 1;
    info.converted = "CMYK";
  } else if (page.photometric == PHOTOMETRIC_YCBCR || page.photometric == PHOTOMETRIC_CIELAB) {
    const bool is_lab = page.photometric == PHOTOMETRIC_CIELAB;
    // JPEG's own decoder turns YCbCr into RGB, as it does for files of JPEG alone.
    if (!is_lab && page.compression == COMPRESSION_JPEG && !page.is_planar) return;
    const char* name = is_lab ? "CIELab" : "YCbCr";
    if (!is_integer || page.stored != 3 || (info.bits != 8 && !(is_lab && info.bits == 16)))
      file.refuse(name, " TIFF of ", page.stored, " channels and ", info.bits,
                  " bits, expected 3 channels of 8 bits. Convert it to RGB: magick IN OUT.png");
    page.needs_libtiff = !is_lab;
    info.converted = name;
  }
}

/// Returns how many bytes of pixels a compressed byte can hold; 0 where there is no useful limit.
double largest_ratio(const TiffPage& page) {
  switch (page.compression) {
    case COMPRESSION_NONE:
      return page.photometric == PHOTOMETRIC_YCBCR ? 3 : 1;  // subsampled colors
    case COMPRESSION_PACKBITS:
      return 64;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
      return 1032;
    case COMPRESSION_LZW:
      return 4096;
    case COMPRESSION_ZSTD:
    case COMPRESSION_LZMA:
      return 1 << 17;
    default:
      return 0;
  }
}

/// Checks that every strip or tile lies within the file, and that the file can hold the pixels that it promises.
void check_extent(const ByteView& file, TIFF* tiff, const TiffPage& page) {
  const bool is_tiled = TIFFIsTiled(tiff) != 0;
  const uint32_t count = is_tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  double bytes = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t length = TIFFGetStrileByteCount(tiff, i);
    if (length == 0)
      file.refuse("damaged TIFF: strip or tile ", i, " of ", count, " is empty. Copy or download it again");
    file.need(TIFFGetStrileOffset(tiff, i), length);
    bytes += static_cast<double>(length);
  }
  int64_t width = page.info.width, height = page.info.height;
  if (is_tiled) {
    const int64_t tile_width = field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
    const int64_t tile_height = field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
    check_dimensions(file, tile_width, tile_height);
    width = std::max(page.info.width, tile_width);
    height = std::max(page.info.height, tile_height);
  }
  const double needed = static_cast<double>(width) * static_cast<double>(height) * page.stored * page.info.bits / 8;
  const double ratio = largest_ratio(page);
  if (needed > static_cast<double>(kMaxDecodedBytes) || (ratio > 0 && needed > bytes * ratio + 64))
    file.refuse("damaged TIFF: got ", bytes, " bytes of pixel data for ", width, "x", height, " pixels of ",
                page.stored * page.info.bits, " bits. Copy or download it again");
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

TiffPage read_page(const ByteView& file, TIFF* tiff) {
  TiffPage page;
  ImageInfo& info = page.info;
  info.format = ImageFormat::tiff;
  info.width = field<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  info.height = field<uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  check_dimensions(file, info.width, info.height);
  page.photometric = field<uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  page.compression = field<uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  page.stored = field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  page.is_planar =
      page.stored > 1 && field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  check_codec(file, page.compression);
  info.bits = field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  info.kind = kind_of_samples(file, field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT), info.bits);
  read_color_model(file, tiff, page);
  info.lossy = page.compression == COMPRESSION_JPEG || page.compression == COMPRESSION_WEBP;
  const int orientation = field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  info.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  check_extent(file, tiff, page);
  return page;
}

ImageInfo probe_tiff(const ByteView& file, int page) {
  TiffStream stream;
  const TiffHandle tiff = open(file, stream);
  const int pages = go_to_page(file, stream, tiff.get(), page);
  ImageInfo info = read_page(file, tiff.get()).info;
  info.pages = pages;
  check_description(file, tiff.get(), pages);
  return info;
}

/// Unpacks unsigned samples of 1 to 15 bits, the first in the high bits.
template <class T>
void unpack(const uint8_t* packed, int bits, size_t count, T* out) {
  uint32_t window = 0;
  int held = 0;
  for (size_t i = 0; i < count; ++i) {
    for (; held < bits; held += 8) window = window << 8 | *packed++;
    held -= bits;
    out[i] = static_cast<T>(window >> held & ((1U << bits) - 1));
  }
}

/// Converts rows of samples from the form that libtiff gives them in.
struct RowConverter {
  SampleType type;
  int depth;
  bool fits = true;  ///< no integer so far was too large for `depth`

  bool is_packed() const { return type.bits < 16 && type.bits != 8; }
  size_t bytes(size_t samples) const { return (samples * static_cast<size_t>(type.bits) + 7) / 8; }

  void convert(const uint8_t* row, size_t samples, uint8_t* out) {
    if (!is_packed())
      fits = convert_samples(row, type, samples, depth, out) && fits;
    else if (type.bits < 8)
      unpack(row, type.bits, samples, out);
    else
      unpack(row, type.bits, samples, reinterpret_cast<uint16_t*>(out));
  }
};

/// Reads one plane, HxWx(samples per pixel), row by row from strips.
bool read_strips(TIFF* tiff, uint16_t plane, RowConverter& converter, cv::Mat& out) {
  std::vector<uint8_t> row(static_cast<size_t>(TIFFScanlineSize(tiff)));
  const size_t samples = static_cast<size_t>(out.cols) * static_cast<size_t>(out.channels());
  if (row.size() < converter.bytes(samples)) return false;
  for (int y = 0; y < out.rows; ++y) {
    if (TIFFReadScanline(tiff, row.data(), static_cast<uint32_t>(y), plane) != 1) return false;
    converter.convert(row.data(), samples, out.ptr(y));
  }
  return true;
}

/// Reads one plane from tiles; those at the right and bottom edges reach beyond the image.
bool read_tiles(TIFF* tiff, uint16_t plane, RowConverter& converter, cv::Mat& out) {
  const int width = static_cast<int>(field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0));
  const int height = static_cast<int>(field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0));
  const auto row_bytes = static_cast<size_t>(TIFFTileRowSize(tiff)), channels = static_cast<size_t>(out.channels());
  std::vector<uint8_t> tile(static_cast<size_t>(TIFFTileSize(tiff)));
  if (row_bytes < converter.bytes(static_cast<size_t>(width) * channels) ||
      tile.size() < row_bytes * static_cast<size_t>(height))
    return false;
  for (int top = 0; top < out.rows; top += height) {
    for (int left = 0; left < out.cols; left += width) {
      if (TIFFReadTile(tiff, tile.data(), static_cast<uint32_t>(left), static_cast<uint32_t>(top), 0, plane) < 0)
        return false;
      const auto columns = static_cast<size_t>(std::min(width, out.cols - left));
      for (int y = 0; y < std::min(height, out.rows - top); ++y)
        converter.convert(tile.data() + static_cast<size_t>(y) * row_bytes, columns * channels, out.ptr(top + y, left));
    }
  }
  return true;
}

/// Decodes the samples as they are stored. Integers that are too large for 32 bits make all samples CV_32F.
cv::Mat read_samples(const ByteView& file, const TiffStream& stream, TIFF* tiff, const TiffPage& page) {
  const SampleType type{page.info.kind, page.info.bits};
  const auto read = TIFFIsTiled(tiff) != 0 ? read_tiles : read_strips;
  for (int depth = sample_depth(type);; depth = CV_32F) {
    RowConverter converter{type, depth};
    std::vector<cv::Mat> planes;
    for (int i = 0; i < (page.is_planar ? page.stored : 1); ++i) {
      cv::Mat& plane = planes.emplace_back(static_cast<int>(page.info.height), static_cast<int>(page.info.width),
                                           CV_MAKETYPE(depth, page.is_planar ? 1 : page.stored));
      if (!read(tiff, static_cast<uint16_t>(i), converter, plane)) refuse_damaged(file, stream);
    }
    if (!converter.fits) continue;
    if (planes.size() == 1) return planes[0];
    cv::Mat merged;
    cv::merge(planes, merged);
    return merged;
  }
}

/// Returns the pixels as RGB of 8 bits, which libtiff converts from YCbCr.
cv::Mat read_converted(const ByteView& file, const TiffStream& stream, TIFF* tiff, const ImageInfo& info) {
  char reason[1024] = "";
  if (TIFFRGBAImageOK(tiff, reason) != 1) file.refuse("TIFF that libtiff cannot convert to RGB: ", reason);
  cv::Mat rgba(static_cast<int>(info.height), static_cast<int>(info.width), CV_8UC4), rgb;
  // Asking for the orientation that the file has, so that libtiff flips nothing.
  const int orientation = field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
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

StoredPixels decode_tiff(const ByteView& file, const ImageInfo& info, int index) {
  TiffStream stream;
  const TiffHandle tiff = open(file, stream);
  go_to_page(file, stream, tiff.get(), index);
  const TiffPage page = read_page(file, tiff.get());
  if (page.needs_libtiff) return {read_converted(file, stream, tiff.get(), info)};
  if (page.compression == COMPRESSION_JPEG) TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  StoredPixels pixels{read_samples(file, stream, tiff.get(), page)};
  pixels.invalid = invalid_pixels(pixels.samples, info.palette ? std::nullopt : no_data_of(tiff.get()));
  if (info.palette) pixels.palette = palette_of(file, tiff.get(), info.bits);
  if (info.converted == "CIELab") pixels.samples = lab_to_rgb(pixels.samples);
  if (info.converted == "CMYK") pixels.samples = cmyk_to_rgb(pixels.samples);
  if (page.photometric == PHOTOMETRIC_MINISWHITE && pixels.samples.depth() <= CV_16U) invert_gray(info, pixels.samples);
  return pixels;
}

}  // namespace

const FormatReader kTiff{ImageFormat::tiff, "TIFF", is_tiff, probe_tiff, decode_tiff};

}  // namespace unet
