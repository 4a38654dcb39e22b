#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unet {

/// Width of UTF-8 text on the terminal, one column per code point.
size_t columns_of(const std::string& text);

/// Pads with spaces to `width` columns.
std::string padded(const std::string& text, size_t width);

/// Breaks the text between words into lines of at most 100 columns. The first line begins at column `indent`; the
/// others are indented by as much.
std::string wrapped(const std::string& text, size_t indent);

/// Formats a share, e.g. "12.3%", with more digits below 1%; "-" where `whole` is 0.
std::string percent(int64_t part, int64_t whole);

/// A table of cells: the first column is aligned left, the others right.
class Columns {
 public:
  void add(const std::vector<std::string>& row) { rows_.push_back(row); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace unet
