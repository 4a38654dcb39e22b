#pragma once

#include <string_view>

namespace unet {

/// The orientation, 1 to 8, in an EXIF block (with or without its "Exif\0\0" in front); 1 where the block
/// says nothing or is broken. Source: Exif 2.32, JEITA CP-3451E, tag 0x0112.
int exif_orientation(std::string_view block);

}  // namespace unet
