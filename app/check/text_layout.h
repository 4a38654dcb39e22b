#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unet {

/// Width on the terminal of UTF-8 text, one column a code point.
size_t columns_of(const std::string& text);

/// Filled with spaces up to `width` columns.
std::string padded(const std::string& text, size_t width);

/// Broken between words into lines of at most 100 columns, where the first one begins at column `indent` and the
/// others are indented by as much.
std::string wrapped(const std::string& text, size_t indent);

/// "12.3%", with more digits below 1%; "-" of nothing.
std::string percent(int64_t part, int64_t whole);

/// Rows of cells, aligned: the first column to the left, the others to the right.
class Columns {
 public:
  void add(const std::vector<std::string>& row) { rows_.push_back(row); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace unet
