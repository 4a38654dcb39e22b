#pragma once

#include <optional>
#include <string>

namespace unet {

/// Seconds of a text like "90s", "30m", "1.5h", "1h30m" or "2d"; nothing where it is none of these, or not above 0.
std::optional<double> parse_duration(const std::string& text);

}  // namespace unet
