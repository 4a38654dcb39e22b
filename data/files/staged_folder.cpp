#include "data/files/staged_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "configs/schema/error.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Absolute path without a slash at the end; a link to a folder stands for that folder.
fs::path folder_place(const std::string& path) {
  std::error_code error;
  fs::path place = fs::exists(path, error) ? fs::canonical(path, error) : fs::absolute(path, error);
  if (error) fail(ErrorKind::cannot_create, path, ": ", error.message(), ". Choose another --out.");
  place = place.lexically_normal();
  return place.has_filename() ? place : place.parent_path();
}

fs::path first_missing(const fs::path& folder) {
  fs::path missing;
  std::error_code error;
  for (fs::path each = folder; !fs::exists(each, error) && each.has_relative_path(); each = each.parent_path())
    missing = each;
  return missing;
}

fs::path hidden_name(const fs::path& place, const char* purpose) {
  constexpr size_t kMaxBytes = 180;
  return place.parent_path() / concat(".tmp-", ::getpid(), purpose, place.filename().string().substr(0, kMaxBytes));
}

/// Writes what the system still holds of all files to the disk at once, which takes less time than file by file.
void sync_files(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  const int result = ::syncfs(descriptor);
  ::close(descriptor);
  if (result != 0) fail(ErrorKind::io, folder.string(), ": cannot sync to the disk. Check the free space.");
}

void move_folder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    fail(ErrorKind::cannot_create, to.string(), ": cannot be created: ", error.message(),
         ". If it is a mount point, choose a new folder in it.");
}

}  // namespace

StagedFolder::StagedFolder(const std::string& path)
    : final_(folder_place(path)), staged_(hidden_name(final_, "-new-")) {
  first_made_ = first_missing(final_.parent_path());
  std::error_code ignored;
  fs::remove_all(staged_, ignored);  // of a killed process with the same number
  make_output_folder(staged_.string());
}

StagedFolder::~StagedFolder() {
  if (is_published_) return;
  std::error_code ignored;
  fs::remove_all(staged_, ignored);
  if (first_made_.empty()) return;
  for (fs::path each = final_.parent_path();; each = each.parent_path()) {
    const bool is_last = each == first_made_;
    if (!fs::remove(each, ignored) || is_last) return;  // rightly not, if another process uses it
  }
}

void StagedFolder::publish() {
  sync_files(staged_);
  std::error_code error;
  if (fs::is_directory(final_, error) && !fs::is_empty(final_, error))
    replace_existing();
  else
    move_folder(staged_, final_);
  is_published_ = true;
}

void StagedFolder::replace_existing() {
  const fs::path former = hidden_name(final_, "-old-");
  move_folder(final_, former);
  std::error_code error;
  fs::rename(staged_, final_, error);
  if (error) {
    const std::string reason = error.message();
    fs::rename(former, final_, error);
    fail(ErrorKind::cannot_create, final_.string(), ": cannot be replaced: ", reason);
  }
  fs::remove_all(former, error);
  if (error) fail(ErrorKind::io, former.string(), ": the former folder cannot be removed: ", error.message());
}

}  // namespace unet
