#pragma once

#include <string>
#include <utility>
#include <vector>

namespace unet {

/// Part of an HTML page. Texts and attributes are escaped when they become a part and every tag is closed, so a name
/// from a data set can neither become markup nor break the page.
class Html {
 public:
  Html() = default;
  Html(const std::string& text);  ///< escapes, so the conversion may be implicit
  Html(const char* text) : Html(std::string(text)) {}

  Html& operator+=(const Html& other);
  bool empty() const { return markup_.empty(); }
  const std::string& markup() const { return markup_; }

 private:
  friend Html element(const std::string&, const std::vector<std::pair<std::string, std::string>>&, const Html&);
  friend Html void_element(const std::string&, const std::vector<std::pair<std::string, std::string>>&);
  std::string markup_;
};

Html operator+(Html first, const Html& second);

/// Names and values of attributes, not yet escaped.
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Returns `<name attributes>content</name>`.
Html element(const std::string& name, const Attributes& attributes, const Html& content);
Html element(const std::string& name, const Html& content);

/// Returns a tag without content, such as `<img>`.
Html void_element(const std::string& name, const Attributes& attributes);

/// Escapes a text for element content and quoted attributes. Bytes that are not UTF-8, and control characters, become
/// U+FFFD.
std::string escaped(const std::string& text);

}  // namespace unet
