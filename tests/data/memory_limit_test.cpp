#include "data/files/memory_limit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace unet {
namespace {

TEST(MemoryLimit, IsThatOfTheContainerWhereItIsTheSmaller) {
  const TempFolder root;
  const int64_t machine = memory_limit(root.path());
  EXPECT_GT(machine, 1 << 20);
  std::filesystem::create_directories(root / "sys/fs/cgroup/memory");
  const auto limit_of = [&](const std::string& file, const std::string& text) {
    std::ofstream(root / file) << text << '\n';
    return memory_limit(root.path());
  };
  EXPECT_EQ(limit_of("sys/fs/cgroup/memory.max", "max"), machine);
  EXPECT_EQ(limit_of("sys/fs/cgroup/memory.max", "1048576"), 1048576);
  EXPECT_EQ(limit_of("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712"), 1048576);
  EXPECT_EQ(limit_of("sys/fs/cgroup/memory/memory.limit_in_bytes", "65536"), 65536);
}

}  // namespace
}  // namespace unet
