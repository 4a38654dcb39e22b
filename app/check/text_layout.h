#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unet {

/// Width of UTF-8 text on the terminal, one column per code point.
size_t columns_of(const std::string& text);

/// Pads with spaces to `width` columns.
std::string padded(const std::string& text, size_t width);

/// Number of columns of the reports.
inline constexpr size_t kReportWidth = 80;

/// Wraps the text between words into lines of at most kReportWidth columns. The first line begins at column `indent`;
/// all others are indented to that column. Newlines of the text stay, and lines that are indented in the text are
/// indented further. A setting to copy, `--set` with its argument, is not broken.
std::string wrapped(const std::string& text, size_t indent);

/// Shortens to `width` columns; what is left out becomes "...".
std::string shortened(const std::string& text, size_t width);

/// Formats a share, e.g. "12.3%", with more digits below 1%; "-" if `whole` is 0.
std::string percent(int64_t part, int64_t whole);

/// A table of cells. The first column is left-aligned, all others are right-aligned.
class Columns {
 public:
  void add(const std::vector<std::string>& row) { rows_.push_back(row); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace unet
