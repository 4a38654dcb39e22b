#include "data/files/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "configs/schema/error.h"
#include "data/files/descriptor.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_io(const std::string& what, const std::string& path) {
  const int error = errno;
  const bool refused = error == EACCES || error == EROFS || error == ENOENT || error == ENOTDIR || error == EPERM;
  fail(refused ? ErrorKind::cannot_create : ErrorKind::io, path, ": ", what, ": ", std::strerror(error),
       ". Check the folder, its permissions and the free space.");
}

void write_all(int fd, const std::string& bytes, const std::string& path) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_io(concat("wrote only ", done, " of ", bytes.size(), " bytes"), path);
    done += static_cast<size_t>(count);
  }
}

void sync(const std::string& path, int flags, const std::string& final_path) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0) fail_io("cannot sync to the disk", final_path);
}

/// Returns a hidden name for the unfinished file. Keeps the extension, because writers choose the format by it;
/// shortens long names, because the system allows 255 bytes.
std::string temporary_name(const std::string& name) {
  constexpr size_t kMaxBytes = 200;
  return concat(".tmp-", ::getpid(), "-", name.size() > kMaxBytes ? name.substr(name.size() - kMaxBytes) : name);
}

}  // namespace

void write_file_with(const std::string& path, const std::function<void(const std::string&)>& write) {
  const fs::path target(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const std::string temporary = (folder / temporary_name(target.filename().string())).string();
  try {
    write(temporary);
    sync(temporary, O_RDONLY, path);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_io("cannot rename the finished file", path);
    sync(folder.string(), O_RDONLY | O_DIRECTORY, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void write_file_in_place(const std::string& path, const std::string& bytes, const std::string& shown_path) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) fail_io("cannot create", shown_path);
  write_all(file.get(), bytes, shown_path);
}

void append_to_file(const std::string& path, const std::string& bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (file.get() < 0) fail_io("cannot open", path);
  write_all(file.get(), bytes, path);
}

void make_output_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    fail(ErrorKind::cannot_create, folder,
         ": cannot create the folder: ", error ? error.message() : "a file has this name", ". Choose another --out.");
  const std::string probe = (fs::path(folder) / concat(".tmp-", ::getpid(), "-probe")).string();
  try {
    write_file_in_place(probe, "", probe);
  } catch (const Error& error_of_probe) {
    fail(ErrorKind::cannot_create, folder, ": not writable: ", error_of_probe.what(), " Choose another --out.");
  }
  ::unlink(probe.c_str());
}

void check_output_folder(const std::string& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  std::vector<fs::path> missing;  // deepest first
  std::error_code error;
  for (fs::path each = path; !fs::exists(each, error) && each.has_relative_path(); each = each.parent_path())
    missing.push_back(each);
  const auto remove_made = [&] {
    for (const fs::path& each : missing) ::rmdir(each.c_str());  // fails, rightly, on one that another process uses
  };
  try {
    make_output_folder(folder);
  } catch (...) {
    remove_made();
    throw;
  }
  remove_made();
}

void write_file(const std::string& path, const std::string& bytes) {
  write_file_with(path, [&](const std::string& temporary) { write_file_in_place(temporary, bytes, path); });
}

}  // namespace unet
