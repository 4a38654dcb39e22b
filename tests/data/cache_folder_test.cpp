#include "data/files/cache_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

TEST(CacheFolder, KeepsTheFilesThatWereUsedLast) {
  const TempFolder folder;
  const auto now = fs::file_time_type::clock::now();
  const auto add = [&](const std::string& name, int hours) {
    write_bytes(folder / name, std::string(100, 'x'));
    fs::last_write_time(folder / name, now - std::chrono::hours(hours));
  };
  add("new.scan", 1);
  add("old.scan", 50);
  add("used.scan", 60);
  add("old.txt", 90);
  add(".tmp-1-old.scan", 30);
  add(".tmp-2-new.scan", 2);
  mark_used(folder / "used.scan");
  limit_cache_folder(folder.path(), ".scan", 310);
  for (const char* kept : {"new.scan", "used.scan", "old.txt", ".tmp-2-new.scan"})
    EXPECT_TRUE(fs::exists(folder / kept)) << kept;
  for (const char* removed : {"old.scan", ".tmp-1-old.scan"}) EXPECT_FALSE(fs::exists(folder / removed)) << removed;
  limit_cache_folder(folder / "absent", ".scan", 0);
}

}  // namespace
}  // namespace unet
