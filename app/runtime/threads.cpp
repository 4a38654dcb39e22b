#include "app/runtime/threads.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "configs/schema/error.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// First two words of a file; empty where it cannot be read.
std::vector<std::string> words_in(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> words;
  for (std::string word; words.size() < 2 && stream >> word;) words.push_back(word);
  return words;
}

std::optional<double> quotient(const std::string& quota, const std::string& period) {
  const double time = std::atof(quota.c_str()), per = std::atof(period.c_str());
  if (time <= 0 || per <= 0) return std::nullopt;  // "max" and -1: no limit
  return time / per;
}

std::optional<double> quota_of_version_2(const fs::path& group) {
  const auto words = words_in(group / "cpu.max");
  return words.size() == 2 ? quotient(words[0], words[1]) : std::nullopt;
}

std::optional<double> quota_of_version_1(const fs::path& group) {
  const auto quota = words_in(group / "cpu.cfs_quota_us"), period = words_in(group / "cpu.cfs_period_us");
  return quota.empty() || period.empty() ? std::nullopt : quotient(quota[0], period[0]);
}

/// The smallest quota of a group and the groups that it is in. In a container the path may be that of the host; the
/// container's own group is then at the mount point.
std::optional<double> smallest_quota(const fs::path& mount, const std::string& group,
                                     std::optional<double> (*quota_of)(const fs::path&)) {
  std::optional<double> smallest;
  fs::path path = fs::path(group).relative_path();
  while (true) {
    const auto quota = quota_of(mount / path);
    if (quota && (!smallest || *quota < *smallest)) smallest = quota;
    if (path.empty()) return smallest;
    path = path.parent_path();
  }
}

std::optional<double> smaller(std::optional<double> a, std::optional<double> b) {
  return !a ? b : !b ? a : std::optional<double>(std::min(*a, *b));
}

bool names_cpu(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');)
    if (name == "cpu") return true;
  return false;
}

/// Processors in the affinity mask; it is read at a growing size, since machines may have more than CPU_SETSIZE.
int allowed_processors() {
  for (int size = CPU_SETSIZE; size <= (1 << 20); size *= 4) {
    cpu_set_t* set = CPU_ALLOC(static_cast<size_t>(size));
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(size));
    const int count = ::sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

/// The first number of OMP_NUM_THREADS, which may be a list for nested regions; 0 where it has none.
int openmp_threads() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  const long count = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  return count > 0 && count <= 65536 ? static_cast<int>(count) : 0;
}

}  // namespace

std::optional<double> cpu_quota(const std::string& root) {
  std::optional<double> quota;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/path" or "4:cpu,cpuacct:/path"
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    const fs::path mount = root + "/sys/fs/cgroup";
    if (controllers.empty())
      for (const fs::path& each : {mount, mount / "unified"})
        quota = smaller(quota, smallest_quota(each, group, quota_of_version_2));
    else if (names_cpu(controllers))
      for (const fs::path& each : {mount / controllers, mount / "cpu"})
        quota = smaller(quota, smallest_quota(each, group, quota_of_version_1));
  }
  return quota;
}

int usable_processors() {
  const int allowed = allowed_processors();
  const auto quota = cpu_quota();
  return quota && *quota < allowed ? std::max(1, static_cast<int>(std::ceil(*quota))) : allowed;
}

ThreadChoice choose_threads(int64_t wanted) {
  if (wanted > 0) return {static_cast<int>(wanted), "--threads"};
  if (const int count = openmp_threads(); count > 0) return {count, "OMP_NUM_THREADS"};
  const int usable = usable_processors(), allowed = allowed_processors();
  if (usable < allowed)
    return {usable, concat("the CPU quota of the control group is ", number_text(*cpu_quota()), " of ", allowed,
                           " processors")};
  return {usable, "all processors that this process may use"};
}

}  // namespace unet
