#pragma once

#include <map>
#include <string>
#include <string_view>

namespace unet {

/// Returns the files of a zip archive by name, as views into `bytes`. Supports what PyTorch writes: a single disk
/// without compression or encryption, so that no file can be larger than the archive. Verifies every checksum. Throws
/// Error(data) for anything else, and for duplicate names. `name` is the archive in messages. Source: PKWARE's
/// APPNOTE.TXT 6.3.
std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& name);

}  // namespace unet
