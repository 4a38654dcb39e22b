#include "app/check/text_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace unet {
namespace {

/// Splits a line into what must not be broken: words, texts in single quotes, and `--set` with its argument.
std::vector<std::string> unbroken_parts(const std::string& line) {
  std::vector<std::string> parts;
  for (size_t at = 0; (at = line.find_first_not_of(' ', at)) != std::string::npos;) {
    const size_t quote = line[at] == '\'' ? line.find('\'', at + 1) : std::string::npos;
    const size_t end = std::min(line.find(' ', quote == std::string::npos ? at : quote), line.size());
    const std::string part = line.substr(at, end - at);
    if (!parts.empty() && parts.back() == "--set")
      parts.back() += " " + part;
    else
      parts.push_back(part);
    at = end;
  }
  return parts;
}

std::string wrapped_line(const std::string& line, size_t indent) {
  std::string result;
  size_t column = indent;
  for (const std::string& part : unbroken_parts(line)) {
    if (column + 1 + columns_of(part) > kReportWidth && column > indent) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!result.empty()) {
      result += " ";
      ++column;
    }
    result += part;
    column += columns_of(part);
  }
  return result;
}

}  // namespace

size_t columns_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t width) {
  const size_t columns = columns_of(text);
  return columns < width ? text + std::string(width - columns, ' ') : text;
}

std::string wrapped(const std::string& text, size_t indent) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t own = std::min(line.find_first_not_of(' '), line.size());
    const size_t column = indent + own;
    if (!result.empty()) result += "\n" + std::string(column, ' ');
    result += wrapped_line(line.substr(own), column);
  }
  return result;
}

std::string shortened(const std::string& text, size_t width) {
  constexpr size_t kDots = 3;
  if (columns_of(text) <= width || width < kDots) return text;
  std::string result = text;
  while (columns_of(result) + kDots > width) {
    while (columns_of(result.substr(result.size() - 1)) == 0) result.pop_back();  // the rest of a code point
    result.pop_back();
  }
  return result + "...";
}

std::string percent(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  const double value = 100 * static_cast<double>(part) / static_cast<double>(whole);
  return fmt::format("{:.{}f}%", value, part == 0 || value >= 1 ? 1 : value >= 0.1 ? 2 : 3);
}

std::string Columns::text() const {
  constexpr size_t kSpacing = 2;
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
