#pragma once

#include <string>

namespace unet {

/// Returns UTF-8 text with letters and their combining marks composed (NFC), as macOS stores them apart (NFD): Latin,
/// Greek, Cyrillic, kana and Hangul. Other text, also text that is not UTF-8, is returned as it is. Two names of one
/// text compare equal after this.
std::string composed(const std::string& text);

}  // namespace unet
