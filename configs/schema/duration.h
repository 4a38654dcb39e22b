#pragma once

#include <optional>
#include <string>

namespace unet {

/// A length of time that an option gives.
struct Duration {
  std::string text;  ///< as it was given, so that it is also saved and shown like that
  double seconds = 0;
};

/// Converts a duration such as "90s", "30m", "1.5h", "1h30m" or "2d" to seconds. Returns nullopt for any other text and
/// for a duration that is not above 0.
std::optional<double> parse_duration(const std::string& text);

}  // namespace unet
