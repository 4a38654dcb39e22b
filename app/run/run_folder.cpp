#include "app/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <regex>
#include <set>
#include <system_error>
#include <vector>

#include "configs/schema/error.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Whether the file is a temporary file of write_file.
bool is_unfinished(const fs::path& path) { return path.filename().string().rfind(".tmp-", 0) == 0; }

/// The folders of a path that do not exist, deepest first.
std::vector<fs::path> missing_folders(const fs::path& path) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path each = fs::absolute(path).lexically_normal(); !fs::exists(each, error) && each.has_relative_path();
       each = each.parent_path())
    missing.push_back(each);
  return missing;
}

/// Whether a folder holds nothing but leftovers of a training that failed before its first checkpoint.
bool is_free(const fs::path& folder) {
  const std::set<std::string> leftovers{".lock",       "train.log", "config.yaml", "environment.json",
                                        "checkpoints", "samples",   "stop"};
  for (const auto& entry : fs::directory_iterator(folder))
    if (leftovers.count(entry.path().filename().string()) == 0 && !is_unfinished(entry.path())) return false;
  return !fs::exists(folder / "checkpoints" / "last.safetensors");
}

void refuse_used(const std::string& path) {
  if (!is_free(path))
    fail(ErrorKind::cannot_create, path,
         ": already exists and is not empty. Add --resume to continue it, or choose another --out.");
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) fail(ErrorKind::io, path.string(), ": cannot be removed: ", error.message());
}

void remove_unfinished_files(const fs::path& folder) {
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (is_unfinished(entry.path())) unfinished.push_back(entry.path());
  for (const fs::path& path : unfinished) remove_file(path);
}

std::string step_name(int64_t step) {
  std::string digits = std::to_string(step);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return "step-" + digits;
}

/// Steps that have a checkpoint step-N, sorted.
std::vector<int64_t> kept_steps(const fs::path& folder) {
  static const std::regex form(R"(step-(\d{1,18})\.safetensors)");
  std::vector<int64_t> steps;
  std::smatch match;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (std::regex_match(name, match, form)) steps.push_back(std::stoll(match[1]));
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

/// Atomically makes `to` another name of the file at `from`.
void replace_with_link(const fs::path& from, const fs::path& to) {
  const fs::path temporary = to.parent_path() / (".tmp-" + to.filename().string());
  std::error_code error;
  fs::remove(temporary, error);
  fs::create_hard_link(from, temporary, error);
  if (error) fs::copy_file(from, temporary, error);  // file systems without hard links
  if (!error) fs::rename(temporary, to, error);
  std::error_code ignored;
  fs::remove(temporary, ignored);  // left over if `to` was the same file: renaming does nothing then
  if (error) fail(ErrorKind::io, to.string(), ": cannot be written: ", error.message());
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  const fs::path lock = path_ / ".lock";
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    fail(ErrorKind::cannot_create, path_.string(), ": not writable: ", std::strerror(errno), ". Choose another --out.");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    fail(ErrorKind::cannot_create, path_.string(),
         ": another process is training in this folder. Wait for it to end, or choose another --out.");
  }
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), created_(std::move(other.created_)), lock_(other.lock_) {
  other.lock_ = -1;
}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

RunFolder RunFolder::create(const std::string& path) {
  const auto missing = missing_folders(path);
  make_output_folder(path);
  RunFolder run{fs::path(path)};
  run.created_ = missing;
  refuse_used(path);
  run.prepare();
  return run;
}

RunFolder RunFolder::create_numbered(const std::string& path) {
  for (int number = 1;; ++number) {
    const std::string numbered = number == 1 ? path : concat(path, "-", number);
    if (fs::exists(numbered) && !(fs::is_directory(numbered) && is_free(numbered))) continue;
    try {
      return create(numbered);
    } catch (const Error&) {
      if (!fs::exists(fs::path(numbered) / ".lock")) throw;  // else another process has just begun there
    }
  }
}

void RunFolder::check_creatable(const std::string& path) {
  check_output_folder(path);
  if (!fs::exists(path)) return;
  const fs::path lock = fs::path(path) / ".lock";
  const bool had_lock = fs::exists(lock);
  const RunFolder run{fs::path(path)};
  std::error_code ignored;
  if (!had_lock) fs::remove(lock, ignored);
  refuse_used(path);
}

RunFolder RunFolder::open(const std::string& path) {
  const fs::path checkpoints = fs::path(path) / "checkpoints";
  if (!fs::exists(checkpoints / "last.safetensors") && !fs::exists(checkpoints / "previous.safetensors"))
    fail(ErrorKind::missing_input, path, ": nothing to resume: it has no checkpoints/last.safetensors. ",
         "To start a new run, omit --resume.");
  RunFolder run{fs::path(path)};
  run.prepare();
  return run;
}

void RunFolder::prepare() const {
  for (const char* folder : {"checkpoints", "samples"}) make_output_folder((path_ / folder).string());
  remove_unfinished_files(path_);
}

fs::path RunFolder::checkpoint(const std::string& name) const {
  return path_ / "checkpoints" / (name + ".safetensors");
}

void RunFolder::save_checkpoint(const std::string& bytes, const CheckpointRole& role) const {
  const fs::path last = checkpoint("last");
  if (fs::exists(last)) replace_with_link(last, checkpoint("previous"));
  write_file(last.string(), bytes);
  complete_save(role);
}

void RunFolder::complete_save(const CheckpointRole& role) const {
  if (role.is_best) replace_with_link(checkpoint("last"), checkpoint("best"));
  if (role.keep_step == 0 || role.max_kept == 0) return;
  replace_with_link(checkpoint("last"), checkpoint(step_name(role.keep_step)));
  auto steps = kept_steps(path_ / "checkpoints");
  for (; steps.size() > static_cast<size_t>(role.max_kept); steps.erase(steps.begin()))
    remove_file(checkpoint(step_name(steps.front())));
}

void RunFolder::discard() noexcept {
  std::error_code error;
  if (created_.empty() || fs::exists(checkpoint("last"), error) || error) return;
  fs::remove_all(path_, error);
  for (const fs::path& folder : created_) ::rmdir(folder.c_str());
}

void RunFolder::restore_previous() const { replace_with_link(checkpoint("previous"), checkpoint("last")); }

}  // namespace unet
