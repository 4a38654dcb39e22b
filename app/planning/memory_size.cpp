#include "app/planning/memory_size.h"

#include <fmt/format.h>

#include <cmath>
#include <regex>

namespace unet {

std::optional<int64_t> parse_memory_size(const std::string& text) {
  static const std::regex pattern(R"(([0-9]{1,15}(?:\.[0-9]{1,9})?) ?(?:([kKmMgGtT])(?:i?[bB])?|[bB])?)");
  std::smatch parts;
  if (!std::regex_match(text, parts, pattern)) return std::nullopt;
  constexpr const char* kUnits = "kmgt";
  double bytes = std::stod(parts[1]);
  if (parts[2].matched) {
    const char unit = static_cast<char>(std::tolower(static_cast<unsigned char>(*parts[2].first)));
    for (const char* at = kUnits; *at != '\0'; ++at) {
      bytes *= 1024;
      if (*at == unit) break;
    }
  }
  constexpr double kMost = 1e18;
  if (!(bytes >= 1) || bytes > kMost) return std::nullopt;
  return static_cast<int64_t>(std::llround(bytes));
}

std::string memory_size_text(int64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return mebibytes < 1024 ? fmt::format("{:.0f} MiB", mebibytes) : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

}  // namespace unet
