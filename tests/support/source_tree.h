#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace unet {

/// Returns the sorted paths of the sources in `folder` and its subfolders.
inline std::vector<std::filesystem::path> sources_in(const std::filesystem::path& folder) {
  static const std::set<std::string> extensions{".h", ".cpp", ".cu", ".cuh"};
  std::vector<std::filesystem::path> paths;
  if (!std::filesystem::is_directory(folder)) return paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (extensions.count(entry.path().extension()) != 0) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Returns the header that a line includes, e.g. "data/samples/rng.h" or "thread"; "" if it includes none.
inline std::string include_in(const std::string& line) {
  static const std::regex form(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::smatch match;
  return std::regex_search(line, match, form) ? match[1].str() : "";
}

/// Returns the headers that `file` includes directly.
inline std::vector<std::string> includes_of(const std::filesystem::path& file) {
  std::vector<std::string> includes;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);)
    if (std::string header = include_in(line); !header.empty()) includes.push_back(std::move(header));
  return includes;
}

/// Returns the headers that `file` (a path below `root`) includes, directly or through headers below `root`.
inline std::set<std::string> all_includes(const std::filesystem::path& root, const std::string& file) {
  std::set<std::string> found;
  std::vector<std::string> pending{file};
  while (!pending.empty()) {
    const std::string current = pending.back();
    pending.pop_back();
    for (const std::string& include : includes_of(root / current))
      if (found.insert(include).second && std::filesystem::exists(root / include)) pending.push_back(include);
  }
  return found;
}

}  // namespace unet
