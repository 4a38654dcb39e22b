#include "data/files/cache_folder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <vector>

#include "configs/schema/error.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct CachedFile {
  fs::path path;
  size_t bytes;
  fs::file_time_type used;
};

std::vector<CachedFile> cached_files(const std::string& folder, const std::string& extension) {
  std::vector<CachedFile> files;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    std::error_code unknown;
    if (each->path().extension() != extension || !each->is_regular_file(unknown)) continue;
    const auto bytes = each->file_size(unknown);
    const auto used = each->last_write_time(unknown);
    if (!unknown) files.push_back({each->path(), bytes, used});
  }
  return files;
}

bool is_unfinished(const fs::path& path) { return path.filename().string().rfind(".tmp-", 0) == 0; }

}  // namespace

std::string cache_file(const std::string& folder, const std::string& dir, const std::string& extension) {
  constexpr size_t kMaxName = 40;
  std::error_code error;
  fs::path whole = fs::canonical(dir, error);
  if (error) whole = fs::absolute(dir, error);
  std::string name = whole.filename().string().substr(0, kMaxName);
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  const std::string path = whole.string();
  return (fs::path(folder) / concat(name, "-", std::hex, XXH3_64bits(path.data(), path.size()), extension)).string();
}

void mark_used(const std::string& file) {
  std::error_code ignored;
  fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
}

void limit_cache_folder(const std::string& folder, const std::string& extension, size_t max_bytes) {
  std::vector<CachedFile> files = cached_files(folder, extension);
  std::sort(files.begin(), files.end(), [](const CachedFile& a, const CachedFile& b) { return a.used > b.used; });
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  size_t sum = 0;
  for (const CachedFile& file : files) {
    std::error_code ignored;
    const bool is_left_over = is_unfinished(file.path) && file.used < yesterday;
    sum += file.bytes;
    if (is_left_over || (sum > max_bytes && !is_unfinished(file.path))) fs::remove(file.path, ignored);
  }
}

}  // namespace unet
