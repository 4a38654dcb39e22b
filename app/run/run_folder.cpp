#include "app/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

#include "configs/schema/error.h"
#include "data/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    fail(ErrorKind::cannot_create, "[run] ", path.string(), ": cannot be created: ", error.message(),
         ". Choose another --out.");
}

/// Whether a folder is empty but for what a training leaves that failed before its first checkpoint.
bool is_free(const fs::path& folder) {
  const std::set<std::string> leftovers{".lock",       "train.log", "config.yaml", "environment.json",
                                        "checkpoints", "samples"};
  for (const auto& entry : fs::directory_iterator(folder))
    if (leftovers.count(entry.path().filename().string()) == 0) return false;
  return !fs::exists(folder / "checkpoints" / "last.safetensors");
}

/// The file at `to` becomes another name for the one at `from`, in one step.
void link_over(const fs::path& from, const fs::path& to) {
  const fs::path beside = to.parent_path() / (".tmp-" + to.filename().string());
  std::error_code error;
  fs::remove(beside, error);
  fs::create_hard_link(from, beside, error);
  if (error) fs::copy_file(from, beside, error);  // file systems without hard links
  if (!error) fs::rename(beside, to, error);
  if (error) fail(ErrorKind::io, "[run] ", to.string(), ": cannot be written: ", error.message());
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  const fs::path lock = path_ / ".lock";
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    fail(ErrorKind::cannot_create, "[run] ", path_.string(), ": not writable: ", std::strerror(errno),
         ". Choose another --out.");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    fail(ErrorKind::cannot_create, "[run] ", path_.string(),
         ": another process trains in this folder. Wait for it, or choose another --out.");
  }
}

RunFolder::RunFolder(RunFolder&& other) noexcept : path_(std::move(other.path_)), lock_(other.lock_) {
  other.lock_ = -1;
}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

RunFolder RunFolder::create(const std::string& path) {
  if (fs::exists(path) && !fs::is_directory(path))
    fail(ErrorKind::cannot_create, "[run] ", path, ": is a file, expected a folder. Choose another --out.");
  make_folder(path);
  RunFolder run{fs::path(path)};
  if (!is_free(run.path_))
    fail(ErrorKind::cannot_create, "[run] ", path,
         ": is there and not empty. Go on with it by --resume, or choose another --out.");
  make_folder(run.path_ / "checkpoints");
  make_folder(run.path_ / "samples");
  return run;
}

RunFolder RunFolder::open(const std::string& path) {
  if (!fs::exists(fs::path(path) / "checkpoints" / "last.safetensors"))
    fail(ErrorKind::missing_input, "[run] ", path, ": nothing to resume: no checkpoints/last.safetensors in it. ",
         "Leave --resume away to begin.");
  return RunFolder{fs::path(path)};
}

fs::path RunFolder::checkpoint(const std::string& name) const {
  return path_ / "checkpoints" / (name + ".safetensors");
}

void RunFolder::save_checkpoint(const std::string& bytes, bool is_best) const {
  const fs::path last = checkpoint("last");
  if (fs::exists(last)) link_over(last, checkpoint("previous"));
  write_file(last.string(), bytes);
  if (is_best) link_over(last, checkpoint("best"));
}

}  // namespace unet
