#pragma once

#include <string>
#include <vector>

namespace unet {

/// Joins the parts: "a, b, c".
std::string join(const std::vector<std::string>& parts, const std::string& separator = ", ");

/// Joins the first `limit` parts and adds "and N more" if there are more.
std::string join_first(const std::vector<std::string>& parts, size_t limit, const std::string& separator = ", ");

bool ends_with(const std::string& text, const std::string& ending);

/// The shortest decimal text that reads back as the same number.
std::string number_text(double value);

}  // namespace unet
