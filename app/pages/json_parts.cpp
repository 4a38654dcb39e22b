#include "app/pages/json_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/pages/parts.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

using nlohmann::json;

constexpr size_t kMaxEntries = 50;

std::string scalar_text(const std::string& key, const json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() && ends_with(key, "share")) return fmt::format("{:.1f}%", 100 * value.get<double>());
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.dump();
}

bool is_list_of_objects(const json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const json& each) { return each.is_object(); });
}

Html rest_note(size_t count) {
  return count <= kMaxEntries ? Html()
                              : element("p", {{"class", "pale"}}, fmt::format("and {} more", count - kMaxEntries));
}

Html object_table(const std::string& key, const json& list) {
  PageTable table;
  std::vector<std::string> keys;
  for (const json& row : list)
    for (const auto& [column, value] : row.items())
      if (std::find(keys.begin(), keys.end(), column) == keys.end()) keys.push_back(column);
  // A name, if there is one, is the best first column.
  std::stable_partition(keys.begin(), keys.end(), [](const std::string& column) { return column == "name"; });
  table.caption = name_of_key(key);
  for (const std::string& column : keys) table.head.push_back(name_of_key(column));
  for (size_t i = 0; i < std::min(kMaxEntries, list.size()); ++i) {
    std::vector<Html> cells;
    for (const std::string& column : keys)
      cells.push_back(list[i].contains(column) ? json_html(column, list[i][column]) : Html());
    table.rows.push_back(cells);
  }
  return table_html(table) + rest_note(list.size());
}

Html plain_list(const std::string& key, const json& list) {
  const bool is_short =
      std::all_of(list.begin(), list.end(), [](const json& each) { return each.is_number() || each.is_boolean(); });
  std::vector<std::string> texts;
  std::vector<Html> items;
  for (size_t i = 0; i < std::min(kMaxEntries, list.size()); ++i) {
    if (is_short)
      texts.push_back(scalar_text(key, list[i]));
    else
      items.push_back(json_html(key, list[i]));
  }
  if (is_short) return Html(join(texts)) + rest_note(list.size());
  return folded_list(items, kMaxEntries) + rest_note(list.size());
}

Html object_facts(const json& object) {
  FactList facts;
  for (const auto& [key, value] : object.items()) {
    if (facts.size() == kMaxEntries) break;
    facts.emplace_back(name_of_key(key), json_html(key, value));
  }
  return facts_list(facts) + rest_note(object.size());
}

}  // namespace

std::string name_of_key(const std::string& key) {
  std::string name = key;
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

Html json_html(const std::string& key, const json& value) {
  if (value.is_object()) return value.empty() ? Html("-") : object_facts(value);
  if (is_list_of_objects(value)) return object_table(key, value);
  if (value.is_array()) return value.empty() ? Html("-") : plain_list(key, value);
  const std::string text = scalar_text(key, value);
  return text.find('\n') == std::string::npos ? Html(text) : command_lines({text});
}

}  // namespace unet
