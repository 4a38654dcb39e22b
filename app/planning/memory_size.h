#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace unet {

/// Converts a memory size such as "8G", "1.5GiB", "512M" or "900000000" to bytes; K, M, G and T are powers of 1024.
/// Returns nullopt for any other text and for a size that is not above 0.
std::optional<int64_t> parse_memory_size(const std::string& text);

/// "950 MiB", "1.5 GiB".
std::string memory_size_text(int64_t bytes);

}  // namespace unet
