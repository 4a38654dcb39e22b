#pragma once

#include <string>
#include <vector>

namespace unet {

bool is_folder(const std::string& path);

/// Returns the extension of a file name in lower case, with the dot: ".png".
std::string extension_of(const std::string& path);

/// Lists the names in a folder, sorted, without hidden files; names of folders end in a slash. Throws Error(io).
std::vector<std::string> list_folder(const std::string& folder);

/// A file below a folder.
struct TreeFile {
  std::string folder;  ///< relative, "" or ending in a slash
  std::string name;
};

/// Lists the files of a folder and, with `recursive`, of those inside it, in byte order folder by folder. Hidden names
/// and the folders that systems leave (@eaDir, __MACOSX) are left out. Links are followed, but not back to a folder
/// that holds them. Throws Error(io).
std::vector<TreeFile> list_tree(const std::string& folder, bool recursive = true);

/// Returns the first names in a folder for messages; "nothing" if it is empty. Throws Error(io).
std::string folder_summary(const std::string& folder);

}  // namespace unet
