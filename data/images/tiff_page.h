#pragma once

#include <tiffio.h>

#include "data/images/byte_view.h"
#include "data/images/image_probe.h"

namespace unet {

/// What the tags of a page of a TIFF file say.
struct TiffPage {
  ImageInfo info;
  int photometric = PHOTOMETRIC_MINISBLACK;
  int compression = COMPRESSION_NONE;
  int stored = 1;              ///< channels as stored
  bool is_planar = false;      ///< one image for each channel instead of one of all channels
  bool needs_libtiff = false;  ///< libtiff converts YCbCr of lower color resolution
};

/// Reads the tags of the page at which `tiff` stands. Throws Error(data) for pages that cannot be decoded:
/// compressions, color models and sample types that are not read, strips or tiles beyond the end of the file.
TiffPage read_tiff_page(const ByteView& file, TIFF* tiff);

/// Returns the value of a tag, or its default; `otherwise` where it has none.
template <class T>
T tiff_field(TIFF* tiff, ttag_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

}  // namespace unet
