#pragma once

#include <string>

namespace unet {

/// Folder for files of this user that can be made again: $XDG_CACHE_HOME/unet, else ~/.cache/unet; "" without a home.
/// It may not exist. Source: XDG Base Directory Specification.
std::string user_cache_folder();

}  // namespace unet
