#pragma once

#include <functional>
#include <string>

namespace unet {

/// Writes a file that is complete or absent: it is written under a hidden name in the same folder, synced and renamed,
/// and the folder is synced. An existing file stays unchanged until the rename. Throws Error(cannot_create), Error(io)
/// naming the path, the bytes written and the system's reason.
void write_file(const std::string& path, const std::string& bytes);

/// Does the same for a file that `write` creates at the path it is given.
void write_file_with(const std::string& path, const std::function<void(const std::string&)>& write);

/// Appends `bytes` to a file, which is created if it does not exist. A failure or kill may leave only the first part of
/// `bytes` appended. Throws as `write_file` does.
void append_to_file(const std::string& path, const std::string& bytes);

/// Creates a folder for outputs, and its parents, if they do not exist, and checks that files can be created in it, so
/// that an unusable folder is reported before work begins. Throws Error(cannot_create).
void make_output_folder(const std::string& folder);

/// Checks that `make_output_folder` would succeed, and leaves nothing behind. Throws Error(cannot_create).
void check_output_folder(const std::string& folder);

/// Writes `bytes` directly to `path`; `shown_path` is the path in messages.
void write_file_in_place(const std::string& path, const std::string& bytes, const std::string& shown_path);

}  // namespace unet
