#pragma once

#include <string>

#include "data/dataset/sample_ref.h"
#include "data/images/image_io.h"

namespace unet {

/// An image file of the new data set.
struct StoredImage {
  std::string bytes;
  std::string extension;  ///< with the dot
  std::string reason;     ///< why it is no copy of the source's file, in a few words; "" for a copy
};

/// Returns the file of an image: a copy where the image is a file of its own that needs no rotation, else PNG, or TIFF
/// where PNG cannot hold it. `image` is what `read_image` gave for `source`. Throws Error(data).
StoredImage store_image(const ImageSource& source, const Image& image);

/// Whether PNG holds the image without loss.
bool fits_png(const Image& image);

}  // namespace unet
