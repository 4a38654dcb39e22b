#pragma once

#include <optional>
#include <string>

namespace unet {

/// Converts a duration such as "90s", "30m", "1.5h", "1h30m" or "2d" to seconds. Returns nullopt for any other text,
/// for 0, and for 1e9 seconds or more.
std::optional<double> parse_duration(const std::string& text);

}  // namespace unet
