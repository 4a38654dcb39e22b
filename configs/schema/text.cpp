#include "configs/schema/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace unet {

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string join_first(const std::vector<std::string>& parts, size_t limit, const std::string& separator) {
  if (parts.size() <= limit) return join(parts, separator);
  const auto end = parts.begin() + static_cast<std::ptrdiff_t>(limit);
  return join({parts.begin(), end}, separator) + separator + "and " + std::to_string(parts.size() - limit) + " more";
}

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

std::string number_text(double value) {
  char buffer[32];
  if (std::abs(value) < 1e15 && value == std::floor(value)) return std::to_string(static_cast<int64_t>(value));
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return error == std::errc() ? std::string(buffer, end) : std::to_string(value);
}

}  // namespace unet
