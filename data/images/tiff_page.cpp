// Source: TIFF Revision 6.0, Adobe 1992.

#include "data/images/tiff_page.h"

#include <algorithm>
#include <string>

#include "data/images/format.h"

namespace unet {
namespace {

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
  const bool is_ink_set = page.photometric == PHOTOMETRIC_SEPARATED &&
                          tiff_field<uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK;
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
    case COMPRESSION_JPEG:  // a block of 8x8 values takes at least a bit, and colors may have a 16th of the blocks
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
    const int64_t tile_width = tiff_field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
    const int64_t tile_height = tiff_field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
    check_dimensions(file, tile_width, tile_height);
    if (tile_width * tile_height > kMaxPixels)
      file.refuse("TIFF of tiles of ", tile_width, "x", tile_height, " pixels, expected at most ", kMaxPixels);
    width = std::max(page.info.width, tile_width);
    height = std::max(page.info.height, tile_height);
  }
  const double needed = static_cast<double>(width) * static_cast<double>(height) * page.stored * page.info.bits / 8;
  const double ratio = largest_ratio(page);
  const bool is_too_large = !file.is_partial() && needed > static_cast<double>(kMaxDecodedBytes);
  if (is_too_large || (ratio > 0 && needed > bytes * ratio + 64))
    file.refuse("damaged TIFF: got ", bytes, " bytes of pixel data for ", width, "x", height, " pixels of ",
                page.stored * page.info.bits, " bits. Copy or download it again");
}

}  // namespace

TiffPage read_tiff_page(const ByteView& file, TIFF* tiff) {
  TiffPage page;
  ImageInfo& info = page.info;
  info.format = ImageFormat::tiff;
  info.width = tiff_field<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  info.height = tiff_field<uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  check_dimensions(file, info.width, info.height);
  page.photometric = tiff_field<uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  page.compression = tiff_field<uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  page.stored = tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  page.is_planar =
      page.stored > 1 && tiff_field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  check_codec(file, page.compression);
  info.bits = tiff_field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  info.kind = kind_of_samples(file, tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT), info.bits);
  read_color_model(file, tiff, page);
  info.lossy = page.compression == COMPRESSION_JPEG || page.compression == COMPRESSION_WEBP;
  const int orientation = tiff_field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  info.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  check_extent(file, tiff, page);
  return page;
}

}  // namespace unet
