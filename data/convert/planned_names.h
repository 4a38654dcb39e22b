#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace unet {

/// Number of characters of the leading folders that all names share and that only name a kind or a part, as in
/// "train/images/".
size_t common_heading(const std::vector<std::string>& names);

/// Whether the first folder of a path has the name of a part, so that it would be read as one.
bool begins_with_part(const std::string& path);

/// A path below a folder that is read again: without "..", hidden folders and control characters. Never empty.
std::string storable_path(const std::string& name);

/// The folders of a path joined to one name: "a/b" is "a_b".
std::string flat_name(const std::string& path);

/// A storable name without folders, in UTF-8, and not too long for a file.
std::string storable_name(const std::string& name);

/// The text in UTF-8 without line breaks and other control characters, and without spaces at its ends.
std::string one_line(const std::string& text);

}  // namespace unet
