#pragma once

#include <string>
#include <vector>

namespace unet {

/// "a, b, c".
std::string join(const std::vector<std::string>& parts, const std::string& separator = ", ");

/// The first `limit` parts, then "and N more" where there are more.
std::string join_first(const std::vector<std::string>& parts, size_t limit, const std::string& separator = ", ");

bool ends_with(const std::string& text, const std::string& ending);

/// The shortest decimal text that reads back as the same number.
std::string number_text(double value);

}  // namespace unet
