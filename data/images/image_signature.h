#pragma once

#include <string>

namespace unet {

/// Whether a file begins as one of the image formats that are read, whatever its name; false where it cannot be read.
bool has_image_signature(const std::string& path);

/// Returns the number of pages as `probe_image` counts them; of a TIFF only the directories are read. 1 for formats
/// that have no pages and for files that cannot be read.
int count_pages(const std::string& path);

}  // namespace unet
