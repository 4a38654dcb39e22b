#include "data/files/random_access_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "configs/schema/error.h"

namespace unet {

RandomAccessFile::RandomAccessFile(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat status {};
  if (file_.get() < 0 || ::fstat(file_.get(), &status) != 0) {
    const int code = errno;
    fail(code == ENOENT || code == ENOTDIR ? ErrorKind::missing_input : ErrorKind::io, path,
         ": cannot open: ", std::strerror(code), ". Check the path and its permissions");
  }
  if (S_ISDIR(status.st_mode)) fail(ErrorKind::missing_input, path, ": got a folder, expected a file. Check the path");
  size_ = static_cast<size_t>(status.st_size);
}

size_t RandomAccessFile::read_some(size_t offset, size_t count, void* out) const {
  size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(file_.get(), static_cast<uint8_t*>(out) + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorKind::io, path_, ": cannot read: ", std::strerror(errno), ". Check the disk and try again");
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

void RandomAccessFile::read(size_t offset, size_t count, void* out) const {
  if (const size_t got = read_some(offset, count, out); got != count)
    fail(ErrorKind::data, path_, ": truncated: got ", offset + got, " bytes, expected at least ", offset + count,
         ". Copy or download it again");
}

}  // namespace unet
