#pragma once

#include <optional>
#include <string>

namespace unet {

/// Converts a duration such as "90s", "30m", "1.5h", "1h30m" or "2d" to seconds. Returns nullopt for any other text and
/// for a duration that is not above 0.
std::optional<double> parse_duration(const std::string& text);

}  // namespace unet
