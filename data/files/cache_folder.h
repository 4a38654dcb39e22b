#pragma once

#include <cstddef>
#include <string>

namespace unet {

// A folder of files that can be made again at any time, one for each data set.

/// Returns the path of the file in `folder` for the data set in `dir`: its name, a hash of its canonical path, and
/// `extension`.
std::string cache_file(const std::string& folder, const std::string& dir, const std::string& extension);

/// Marks a file as used now, if it exists and is writable.
void mark_used(const std::string& file);

/// Removes the least recently used files with this extension until the remaining ones have at most `max_bytes`, and
/// what interrupted writers left a day ago or earlier. A failure to remove a file is ignored.
void limit_cache_folder(const std::string& folder, const std::string& extension, size_t max_bytes);

}  // namespace unet
