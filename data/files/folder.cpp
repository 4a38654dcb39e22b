#include "data/files/folder.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

bool is_left_by_a_system(const std::string& name) {
  for (const char* folder : {"@eaDir", "__MACOSX", "$RECYCLE.BIN", "System Volume Information", "lost+found"})
    if (name == folder) return true;
  return false;
}

/// Whether following `link`, which is in `folder`, leads back to a folder above it.
bool leads_back(const fs::path& link, const fs::path& folder) {
  std::error_code error;
  const std::string target = fs::canonical(link, error).string() + "/", here = fs::canonical(folder, error).string();
  return error || (here + "/").compare(0, target.size(), target) == 0;
}

void append_tree(const fs::path& root, const std::string& folder, bool recursive, std::vector<TreeFile>& files) {
  const fs::path path = root / folder;
  std::vector<std::string> names, folders;
  std::error_code error;
  // The types come with the names, so that only links cost a look at the file.
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.front() == '.') continue;
    std::error_code broken_link;
    if (!entry->is_directory(broken_link))
      names.push_back(name);
    else if (recursive && !is_left_by_a_system(name) &&
             !(entry->is_symlink(broken_link) && leads_back(entry->path(), path)))
      folders.push_back(name);
  }
  if (error)
    fail(ErrorKind::io, path.string(), ": cannot list the folder: ", error.message(), ". Check its permissions");
  std::sort(names.begin(), names.end());
  std::sort(folders.begin(), folders.end());
  for (std::string& name : names) files.push_back({folder, std::move(name)});
  for (const std::string& inner : folders) append_tree(root, folder + inner + "/", recursive, files);
}

}  // namespace

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

std::string extension_of(const std::string& path) { return lower_case(fs::path(path).extension().string()); }

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

std::vector<TreeFile> list_tree(const std::string& folder, bool recursive) {
  std::vector<TreeFile> files;
  append_tree(folder, "", recursive, files);
  return files;
}

std::string folder_summary(const std::string& folder) {
  constexpr size_t kMaxNames = 10;
  const std::vector<std::string> names = list_folder(folder);
  return names.empty() ? "nothing" : join_first(names, kMaxNames);
}

}  // namespace unet
