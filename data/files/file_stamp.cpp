#include "data/files/file_stamp.h"

#include <sys/stat.h>

#include <chrono>

namespace unet {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

int64_t nanoseconds(const timespec& time) { return int64_t{time.tv_sec} * kSecond + time.tv_nsec; }

}  // namespace

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileStamp{status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), status.st_ino};
}

bool is_settled(const FileStamp& stamp, int64_t now) {
  constexpr int64_t kCoarsest = 2 * kSecond;
  // A program may set a modification time in the future; the change time is the system's own.
  const int64_t age = now - stamp.modified;
  return now - stamp.changed > kCoarsest && (age > kCoarsest || age < -kCoarsest);
}

int64_t present_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace unet
