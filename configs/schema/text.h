#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unet {

/// Joins the parts: "a, b, c".
std::string join(const std::vector<std::string>& parts, const std::string& separator = ", ");

/// Joins the first `limit` parts and adds "and N more" if there are more.
std::string join_first(const std::vector<std::string>& parts, size_t limit, const std::string& separator = ", ");

/// "1 image", "2 images". `plural` is the noun for other counts than 1; by default the noun with an s.
template <class Count>
std::string counted(Count count, const std::string& noun, const std::string& plural = "") {
  return std::to_string(count) + " " + (count == 1 ? noun : plural.empty() ? noun + "s" : plural);
}

bool starts_with(const std::string& text, const std::string& beginning);
bool ends_with(const std::string& text, const std::string& ending);

/// Returns the text with the letters A to Z in lower case.
std::string lower_case(std::string_view text);

/// Returns the text without leading and trailing characters of `blanks`.
std::string trimmed(const std::string& text, const char* blanks = " \t\r");

/// Returns the lines of a text without their ends, LF or CRLF, and without a byte order mark.
std::vector<std::string> text_lines(const std::string& text);

/// The shortest decimal text that reads back as the same number.
std::string number_text(double value);

}  // namespace unet
