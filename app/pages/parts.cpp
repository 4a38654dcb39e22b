#include "app/pages/parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace unet {
namespace {

std::string percentage(double share) { return fmt::format("{:.2f}%", 100 * std::clamp(share, 0.0, 1.0)); }

/// End of the shell word that begins at `begin`.
size_t word_end(const std::string& text, size_t begin) {
  bool is_quoted = false;
  size_t at = begin;
  for (; at < text.size() && (is_quoted || text[at] != ' '); ++at)
    if (text[at] == '\'') is_quoted = !is_quoted;
  while (!is_quoted && at > begin && (text[at - 1] == '.' || text[at - 1] == ',' || text[at - 1] == ')')) --at;
  return at;
}

/// One line of a message with its settings as code.
Html message_line(const std::string& line) {
  const std::string flag = "--set ";
  Html result;
  size_t begin = 0;
  for (size_t at = line.find(flag); at != std::string::npos; at = line.find(flag, begin)) {
    const size_t end = word_end(line, at + flag.size());
    result += line.substr(begin, at - begin);
    result += element("code", line.substr(at, end - at));
    begin = end;
  }
  return result + line.substr(begin);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

Html list_of(const std::vector<Html>& items, size_t begin, size_t end) {
  Html list;
  for (size_t i = begin; i < end; ++i) list += element("li", items[i]);
  return element("ul", list);
}

}  // namespace

Html chapter(const std::string& id, const std::string& title, const Html& content) {
  const std::string heading = id + "-heading";
  return element("section", {{"id", id}, {"aria-labelledby", heading}},
                 element("h2", {{"id", heading}}, title) + content);
}

Html contents(const std::vector<std::pair<std::string, std::string>>& chapters) {
  Html links;
  for (const auto& [id, title] : chapters) links += element("li", element("a", {{"href", "#" + id}}, title));
  return element("nav", {{"aria-label", "Contents"}}, element("ul", links));
}

Html facts_list(const FactList& facts) {
  Html list;
  for (const auto& [name, value] : facts) list += element("div", element("dt", name) + element("dd", value));
  return facts.empty() ? Html() : element("dl", list);
}

Html table_html(const PageTable& table) {
  Html head, body;
  for (const std::string& title : table.head) head += element("th", {{"scope", "col"}}, title);
  for (const std::vector<Html>& row : table.rows) {
    Html cells;
    for (size_t i = 0; i < row.size(); ++i)
      cells += i == 0 ? element("th", {{"scope", "row"}}, row[i]) : element("td", row[i]);
    body += element("tr", cells);
  }
  const Html caption = table.caption.empty() ? Html() : element("caption", table.caption);
  const std::string label = table.caption.empty() ? "table" : table.caption;
  return element("div", {{"class", "wide"}, {"role", "region"}, {"aria-label", label}, {"tabindex", "0"}},
                 element("table", caption + element("thead", element("tr", head)) + element("tbody", body)));
}

Html share_bar(double share, const std::string& text) {
  const Html bar = element("span", {{"style", "width:" + percentage(share)}}, "");
  return element("span", {{"class", "share"}},
                 element("span", {{"class", "bar"}, {"aria-hidden", "true"}}, bar) + element("span", text));
}

Html range_bar(double low, double middle, double high) {
  const Html range = element("span", {{"style", "left:" + percentage(low) + ";width:" + percentage(high - low)}}, "");
  const Html mark = element("i", {{"style", "left:" + percentage(middle)}}, "");
  return element("span", {{"class", "bar range"}, {"aria-hidden", "true"}}, range + mark);
}

Html swatch(const std::string& color) {
  return element("span", {{"class", "swatch"}, {"style", "background:" + color}, {"aria-hidden", "true"}}, "");
}

Html command_lines(const std::vector<std::string>& lines) {
  Html code;
  for (const std::string& line : lines) code += element("pre", {{"tabindex", "0"}}, element("code", line));
  return code;
}

Html message(const std::string& text) {
  const std::vector<std::string> lines = lines_of(text);
  Html result = element("p", message_line(lines[0]));
  std::vector<Html> items;
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t begin = lines[i].find_first_not_of(' ');
    if (begin != std::string::npos) items.push_back(message_line(lines[i].substr(begin)));
  }
  return items.empty() ? result : result + list_of(items, 0, items.size());
}

Html folded_list(const std::vector<Html>& items, size_t shown) {
  if (items.empty()) return {};
  shown = std::min(shown, items.size());
  Html list = list_of(items, 0, shown);
  if (shown < items.size())
    list += element("details", element("summary", fmt::format("{} more", items.size() - shown)) +
                                   list_of(items, shown, items.size()));
  return list;
}

Html figure_html(const Figure& figure) {
  const Html picture = figure.uri.empty()
                           ? element("div", {{"class", "none"}}, "no picture")
                           : void_element("img", {{"src", figure.uri}, {"alt", figure.alt}, {"decoding", "async"}});
  return element("figure", {{"class", figure.is_marked ? "marked" : "plain"}},
                 picture + element("figcaption", figure.caption));
}

Html gallery(const std::vector<Figure>& figures) {
  Html all;
  for (const Figure& figure : figures) all += figure_html(figure);
  return element("div", {{"class", "gallery"}}, all);
}

}  // namespace unet
