#pragma once

#include <string_view>

namespace unet {

/// Returns the orientation, 1 to 8, in an EXIF block (with or without the prefix "Exif\0\0"); 1 if the block has
/// none or is broken. Source: Exif 2.32, JEITA CP-3451E, tag 0x0112.
int exif_orientation(std::string_view block);

}  // namespace unet
