#include "configs/schema/duration.h"

#include <cstdlib>
#include <map>

namespace unet {

std::optional<double> parse_duration(const std::string& text) {
  static const std::map<char, double> seconds_per_unit{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  constexpr double kMaxSeconds = 1e9;
  if (text.find_first_not_of("0123456789.smhd") != std::string::npos)
    return std::nullopt;  // strtod accepts signs and exponents
  double sum = 0;
  for (const char* at = text.c_str(); *at != '\0';) {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    const auto unit = seconds_per_unit.find(*end);
    if (end == at || unit == seconds_per_unit.end()) return std::nullopt;
    sum += number * unit->second;
    at = end + 1;
  }
  return sum > 0 && sum < kMaxSeconds ? std::optional(sum) : std::nullopt;
}

}  // namespace unet
