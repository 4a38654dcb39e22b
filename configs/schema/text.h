#pragma once

#include <string>
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

bool ends_with(const std::string& text, const std::string& ending);

/// The shortest decimal text that reads back as the same number.
std::string number_text(double value);

}  // namespace unet
