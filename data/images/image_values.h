#pragma once

#include <string>

#include "data/images/format.h"
#include "data/images/image_io.h"

namespace unet {

// What stored pixels stand for. Each is converted by itself, so that a rectangle gives what the whole image gives
// there.

/// Converts the pixels of a file with this header to an image.
Image to_image(const ImageInfo& info, StoredPixels stored);

/// Converts the pixels of a file with this header to label values. Channels count as equal, or as opaque, if they are
/// so in all given pixels. `path` is for messages. Throws Error(data) as `read_mask` does.
Mask to_mask(const ImageInfo& info, const StoredPixels& stored, const MaskReading& reading, const std::string& path);

}  // namespace unet
