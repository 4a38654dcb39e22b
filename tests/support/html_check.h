#pragma once

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace unet {

/// Describes the first fault of an HTML document whose tags should be balanced and whose attributes should be quoted;
/// "" if it has none. Stricter than HTML: every < begins a tag and every & a character reference.
inline std::string html_fault(const std::string& page) {
  static const std::set<std::string> void_tags{"meta", "img", "br", "hr", "link", "input"};
  static const std::regex name_form("/?[a-z][a-z0-9]*");
  static const std::regex reference("&(amp|lt|gt|quot|#39);");
  const std::string doctype = "<!DOCTYPE html>\n";
  if (page.rfind(doctype, 0) != 0) return "no doctype";
  std::vector<std::string> open;
  for (size_t at = doctype.size(); at < page.size();) {
    if (page[at] == '&') {
      if (!std::regex_search(page.begin() + static_cast<ptrdiff_t>(at), page.end(), reference,
                             std::regex_constants::match_continuous))
        return "a bare & at " + page.substr(at, 30);
      ++at;
      continue;
    }
    if (page[at] != '<') {
      at = std::min(page.find_first_of("<&", at), page.size());
      continue;
    }
    // Attributes are quoted, so that a quote inside a tag begins or ends a value.
    size_t end = at + 1;
    for (bool quoted = false; end < page.size() && (quoted || page[end] != '>'); ++end) {
      if (page[end] == '"') quoted = !quoted;
      if (page[end] == '<') return "< in a tag at " + page.substr(at, 60);
    }
    if (end == page.size()) return "an unclosed tag at " + page.substr(at, 60);
    const std::string name = page.substr(at + 1, page.find_first_of(" >", at) - at - 1);
    if (!std::regex_match(name, name_form)) return "no tag: " + page.substr(at, 60);
    at = end + 1;
    if (name[0] == '/') {
      if (open.empty() || open.back() != name.substr(1)) return "unexpected <" + name + ">";
      open.pop_back();
    } else if (void_tags.count(name) == 0) {
      open.push_back(name);
      if (name == "style") at = std::min(page.find("</style>", at), page.size());
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

/// The page without the base64 of its pictures.
inline std::string without_pictures(const std::string& page) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  std::string result;
  size_t begin = 0;
  for (size_t at = page.find(";base64,"); at != std::string::npos; at = page.find(";base64,", begin)) {
    result += page.substr(begin, at + 8 - begin);
    begin = std::min(page.find_first_not_of(digits, at + 8), page.size());
  }
  return result + page.substr(begin);
}

/// Returns what a page would load or run, from elsewhere or of its own; "" if nothing.
inline std::string outside_reference(const std::string& page) {
  const std::string text = without_pictures(page);
  for (const char* part :
       {"http:", "https:", "=\"//", "url(", "@import", "<script", "<link", "<iframe", "<object", "javascript:"})
    if (const size_t at = text.find(part); at != std::string::npos) return text.substr(at, 40);
  return "";
}

}  // namespace unet
