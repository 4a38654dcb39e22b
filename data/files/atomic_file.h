#pragma once

#include <functional>
#include <string>

namespace unet {

/// Makes the file at `path` hold `bytes`, complete or not at all: written beside under a hidden name, synced,
/// renamed, the folder synced. An existing file stays as it was until the rename.
/// Throws Error(cannot_create), Error(io) naming the path, the bytes and the system's reason.
void write_file(const std::string& path, const std::string& bytes);

/// The same for a file that `write` makes itself at the path it is given.
void write_file_with(const std::string& path, const std::function<void(const std::string&)>& write);

/// Adds `bytes` at the end of a file, which is made where it is not there. What a failure or kill leaves is the file
/// with a beginning of `bytes`. Throws as `write_file` does.
void append_to_file(const std::string& path, const std::string& bytes);

/// Makes a folder for outputs, with those above it, where it is not there, and a file in it that is removed again: what
/// stands in the way is said before work begins. Throws Error(cannot_create).
void make_output_folder(const std::string& folder);

/// Writes `bytes` straight to `path`; `named` is the path for messages.
void write_file_in_place(const std::string& path, const std::string& bytes, const std::string& named);

}  // namespace unet
