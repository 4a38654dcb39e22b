#include "app/check/text_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace unet {

size_t columns_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t width) {
  const size_t columns = columns_of(text);
  return columns < width ? text + std::string(width - columns, ' ') : text;
}

std::string wrapped(const std::string& text, size_t indent) {
  constexpr size_t kWidth = 100;
  std::string result;
  size_t column = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column + 1 + columns_of(word) > kWidth && column > indent) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!result.empty()) {
      result += " ";
      ++column;
    }
    result += word;
    column += columns_of(word);
  }
  return result;
}

std::string percent(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  const double value = 100 * static_cast<double>(part) / static_cast<double>(whole);
  return fmt::format("{:.{}f}%", value, part == 0 || value >= 1 ? 1 : value >= 0.1 ? 2 : 3);
}

std::string Columns::text() const {
  constexpr size_t kSpacing = 3;
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - columns_of(row[i]), ' ');
      text += i == 0 ? row[i] + (row.size() > 1 ? space : "") : std::string(kSpacing, ' ') + space + row[i];
    }
    text += "\n";
  }
  return text;
}

}  // namespace unet
