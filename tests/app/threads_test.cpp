#include "app/runtime/threads.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// A file system with these files, by path below the root.
class FileSystem {
 public:
  explicit FileSystem(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [path, text] : files) {
      fs::create_directories(fs::path(folder_ / path).parent_path());
      std::ofstream(folder_ / path) << text << "\n";
    }
  }
  std::optional<double> quota() const { return cpu_quota(folder_.path()); }

 private:
  TempFolder folder_;
};

TEST(Threads, AQuotaOfVersion2IsFound) {
  EXPECT_EQ(FileSystem({{"proc/self/cgroup", "0::/"}, {"sys/fs/cgroup/cpu.max", "150000 100000"}}).quota(), 1.5);
  EXPECT_EQ(FileSystem({{"proc/self/cgroup", "0::/"}, {"sys/fs/cgroup/cpu.max", "max 100000"}}).quota(), std::nullopt);
}

TEST(Threads, TheSmallestQuotaOfAllLevelsCounts) {
  const FileSystem system({{"proc/self/cgroup", "0::/user.slice/job"},
                           {"sys/fs/cgroup/user.slice/job/cpu.max", "400000 100000"},
                           {"sys/fs/cgroup/user.slice/cpu.max", "200000 100000"}});
  EXPECT_EQ(system.quota(), 2.0);
}

TEST(Threads, AQuotaOfVersion1IsFoundByThePathOfTheHostToo) {
  const FileSystem system({{"proc/self/cgroup", "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n0::/"},
                           {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000"},
                           {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000"}});
  EXPECT_EQ(system.quota(), 3.0);
  const FileSystem unlimited({{"proc/self/cgroup", "4:cpu:/"},
                              {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1"},
                              {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000"}});
  EXPECT_EQ(unlimited.quota(), std::nullopt);
}

TEST(Threads, WithoutControlGroupsThereIsNoQuota) {
  EXPECT_EQ(FileSystem({}).quota(), std::nullopt);
  EXPECT_EQ(FileSystem({{"proc/self/cgroup", "nonsense\n:\n0::/"}, {"sys/fs/cgroup/cpu.max", "x"}}).quota(),
            std::nullopt);
}

TEST(Threads, TheFlagWinsOverTheVariable) {
  EXPECT_EQ(choose_threads(3).count, 3);
  EXPECT_EQ(choose_threads(3).reason, "--threads");
  EXPECT_GE(usable_processors(), 1);
  EXPECT_GE(choose_threads(0).count, 1);
}

}  // namespace
}  // namespace unet
