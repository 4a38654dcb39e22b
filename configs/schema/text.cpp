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

bool starts_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string trimmed(const std::string& text, const char* blanks) {
  const size_t begin = text.find_first_not_of(blanks);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string> text_lines(const std::string& text) {
  const std::string byte_order_mark = "\xEF\xBB\xBF";
  std::vector<std::string> lines;
  for (size_t begin = starts_with(text, byte_order_mark) ? byte_order_mark.size() : 0, end = 0; begin < text.size();
       begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    const bool has_return = end > begin && text[end - 1] == '\r';
    lines.push_back(text.substr(begin, end - begin - (has_return ? 1 : 0)));
  }
  return lines;
}

std::string number_text(double value) {
  char buffer[32];
  if (std::abs(value) < 1e15 && value == std::floor(value)) return std::to_string(static_cast<int64_t>(value));
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return error == std::errc() ? std::string(buffer, end) : std::to_string(value);
}

}  // namespace unet
