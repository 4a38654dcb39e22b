#pragma once

#include <string>

namespace unet {

/// Whether a file begins as one of the image formats that are read, whatever its name; false where it cannot be read.
bool has_image_signature(const std::string& path);

/// Number of pages of a TIFF without reduced-resolution copies and transparency masks; reads only the directories. 1
/// for any other file, also for one that is damaged.
int count_tiff_pages(const std::string& path);

}  // namespace unet
