#pragma once

#include <string>
#include <vector>

namespace unet {

bool is_folder(const std::string& path);

/// Lists the names in a folder, sorted, without hidden files; names of folders end in a slash. Throws Error(io).
std::vector<std::string> list_folder(const std::string& folder);

/// Returns the first names in a folder for messages; "nothing" if it is empty. Throws Error(io).
std::string folder_summary(const std::string& folder);

}  // namespace unet
