#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace unet {

/// What shows that a file has changed, without reading it. Links are followed.
struct FileStamp {
  int64_t size = 0;      ///< bytes
  int64_t modified = 0;  ///< when the content last changed, or what a program set; nanoseconds since 1970
  int64_t changed = 0;   ///< when content, name or owner last changed; no program can set it
  uint64_t inode = 0;    ///< differs between the files of a file system
};

/// Returns the stamp of a file; nothing if it cannot be examined.
std::optional<FileStamp> stamp_of(const std::string& path);

/// Whether a change of the file at the time `now` or later gives it another stamp. That of a file that was changed
/// within the last two seconds may stay the same, because that is how coarse the times of some file systems are.
bool is_settled(const FileStamp& stamp, int64_t now);

/// Returns the present time, nanoseconds since 1970.
int64_t present_time();

}  // namespace unet
