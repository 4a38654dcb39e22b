#pragma once

#include <map>
#include <string>
#include <string_view>

namespace unet {

/// The files of a zip archive by name, as views into `bytes`. Reads what PyTorch writes and no more: one disk, stored
/// without compression or encryption; so no file can be larger than the archive. Every checksum is verified.
/// Throws Error(data) for anything else, and for names that occur twice. `name` is for messages.
/// Source: PKWARE's APPNOTE.TXT 6.3.
std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& name);

}  // namespace unet
