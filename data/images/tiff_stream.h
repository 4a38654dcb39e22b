#pragma once

#include <tiffio.h>

#include <memory>
#include <string>
#include <string_view>

#include "data/files/random_access_file.h"

namespace unet {

/// A TIFF file in memory, to read from or write to, or one on disk to read from, with the first error of libtiff.
struct TiffStream {
  std::string_view source;                 ///< bytes to read
  const RandomAccessFile* file = nullptr;  ///< to read from instead
  std::string written;                     ///< bytes written
  size_t offset = 0;
  std::string message;  ///< libtiff's first error

  std::string_view bytes() const { return written.empty() ? source : std::string_view(written); }
  size_t size() const { return file != nullptr ? file->size() : bytes().size(); }
};

using TiffHandle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

/// Opens the stream with libtiff's `mode`, "r" or "w". Returns null if libtiff refuses; prints nothing.
TiffHandle open_tiff(TiffStream& stream, const char* mode);

}  // namespace unet
