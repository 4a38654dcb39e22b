#include "data/files/folder.h"

#include <algorithm>
#include <filesystem>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

std::vector<std::string> list_folder(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.front() != '.') names.push_back(entry->is_directory(error) ? name + "/" : name);
  }
  if (error) fail(ErrorKind::io, folder, ": cannot list the folder: ", error.message(), ". Check its permissions");
  std::sort(names.begin(), names.end());
  return names;
}

std::string folder_summary(const std::string& folder) {
  constexpr size_t kMaxNames = 10;
  const std::vector<std::string> names = list_folder(folder);
  return names.empty() ? "nothing" : join_first(names, kMaxNames);
}

}  // namespace unet
