// Invalid configs of many kinds, made from the schema: each is refused at its place.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "app/config/config.h"
#include "configs/schema/json_schema.h"
#include "configs/schema/writer.h"
#include "tests/support/error_text.h"
#include "tests/support/repeated.h"
#include "tests/support/trust.h"

namespace unet {
namespace {

using nlohmann::json;

struct BadConfig {
  std::string text;
  std::string expected;  ///< part of the message
};

struct Leaf {
  std::vector<std::string> keys;
  json schema;

  std::string path() const { return join(keys, "."); }

  /// YAML of the option with this value, or with another key.
  std::string yaml(const std::string& value, const std::string& key = "") const {
    std::string text, indent;
    for (size_t i = 0; i + 1 < keys.size(); ++i, indent += "  ") text += indent + keys[i] + ":\n";
    return text + indent + (key.empty() ? keys.back() : key) + ": " + value + "\n";
  }
};

void collect_leaves(const json& schema, const std::vector<std::string>& keys, std::vector<Leaf>& leaves) {
  if (!schema.contains("properties")) {
    leaves.push_back({keys, schema});
    return;
  }
  for (const auto& [key, subschema] : schema["properties"].items()) {
    auto path = keys;
    path.push_back(key);
    collect_leaves(subschema, path, leaves);
  }
}

/// Every option with the schema of its value.
std::vector<Leaf> all_leaves() {
  Config config;
  std::vector<Leaf> leaves;
  const json sections = to_json_schema(config, "config")["properties"];
  for (const auto& [section, schema] : sections.items())
    if (section != "base") collect_leaves(schema, {section}, leaves);
  return leaves;
}

/// Numbers and words just outside the values that the schema accepts.
std::vector<std::string> values_outside(const json& schema) {
  std::vector<std::string> values;
  if (schema.contains("anyOf"))
    for (const json& form : schema["anyOf"])
      if (form.contains("type") && form["type"] != "object") return values_outside(form);
  if (schema.contains("enum")) values.emplace_back("no_such_word");
  if (schema.contains("minimum")) values.push_back(number_text(schema["minimum"].get<double>() - 1));
  if (schema.contains("exclusiveMinimum")) values.push_back(number_text(schema["exclusiveMinimum"]));
  if (schema.contains("maximum")) values.push_back(number_text(schema["maximum"].get<double>() + 1));
  const json types = schema.value("type", json(""));
  const std::string type = types.is_array() ? types[0] : types;
  if (type == "integer") values.insert(values.end(), {"1.5", "many", "99999999999999999999", "0x"});
  if (type == "number") values.insert(values.end(), {"much", ".nan", "1e999"});
  if (type == "boolean") values.insert(values.end(), {"maybe", "2"});
  if (type == "array" && schema.contains("items") && schema["items"]["type"] != "string")
    for (const std::string& item : values_outside(schema["items"])) {
      std::string list = item;
      for (size_t i = 1; i < schema.value("minItems", size_t{1}); ++i) list += ", " + item;
      values.push_back("[" + list + "]");
    }
  if (schema.contains("maxItems")) values.emplace_back("[1, 1, 1, 1, 1, 1]");
  return values;
}

/// The key with its first letter typed twice.
std::string misspelled(const std::string& key) { return key.substr(0, 1) + key; }

void add_bad_options(const Leaf& leaf, std::vector<BadConfig>& bad) {
  const std::string& key = leaf.keys.back();
  bad.push_back({leaf.yaml("1", misspelled(key)), "Did you mean '" + leaf.path() + "'?"});
  const std::string indent(2 * (leaf.keys.size() - 1), ' ');
  bad.push_back({leaf.yaml("1") + indent + key + ": 1\n", "duplicate key '" + key + "'"});
  bad.push_back({leaf.yaml("[[{a: b}]]"), leaf.path()});
  for (const std::string& value : values_outside(leaf.schema)) bad.push_back({leaf.yaml(value), leaf.path() + ": got"});
}

/// `levels` lists, each of `width` aliases of the one before.
std::string alias_bomb(int levels, int width) {
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i <= levels; ++i)
    bomb += concat("a", i, ": &a", i, " [", repeated(concat("*a", i - 1, ", "), width), "x]\n");
  return bomb;
}

/// Documents that are not YAML, or that attack its reader.
void add_bad_yaml(std::vector<BadConfig>& bad) {
  for (const char* section : {"data", "augment", "model", "loss", "train"}) {
    const std::string start = std::string(section) + ": ";
    for (int depth = 33; depth < 5000; depth *= 2) {
      bad.push_back({start + repeated("[", depth) + repeated("]", depth) + "\n", ""});
      bad.push_back({start + repeated("{a: ", depth) + "1" + repeated("}", depth) + "\n", ""});
      bad.push_back({start + repeated("[", depth) + "\n", ""});
    }
    for (const char* text : {"&a [*a]", "&a {b: *a}", "&a {b: [1, {c: *a}]}"})
      bad.push_back({start + text + "\n", "an alias that contains itself"});
    for (const char* text :
         {"*nowhere", "[1, 2", "{a: 1", "'x", "\"x", "\"\\q\"", "!!", "a: b: c", "@x", "`x`", "|x", "- 1"})
      bad.push_back({start + text + "\n", ""});
    bad.push_back({start + "\n\tlr: 1\n", ""});
    bad.push_back({start + "\n  ? [1, 2]\n  : 3\n", "a key must be a plain word"});
    bad.push_back({start + "{1}\n" + section + ": {}\n", ""});
    bad.push_back({start + "7\n", section});
  }
  for (int levels = 6; levels < 40; levels += 3)
    for (const int width : {8, 50}) bad.push_back({alias_bomb(levels, width), "once aliases are expanded"});
  for (const char* text : {"[1, 2]\n", "7\n", "a\n", "--- a\n--- b\n", "base: [1]\n", "base: {a: 1}\n"})
    bad.push_back({text, ""});
}

TEST(BadConfig, IsRefusedAtItsPlace) {
  std::vector<BadConfig> all;
  for (const Leaf& leaf : all_leaves()) add_bad_options(leaf, all);
  add_bad_yaml(all);
  EXPECT_GE(all.size(), 500u);
  TrustRow row(14,
               "bad configs: unknown, duplicate, type, range, alias bomb, cycle, depth: refused at file:line:column");
  const std::regex place("^bad\\.yaml:[1-9][0-9]*:[1-9][0-9]*: ");
  for (const BadConfig& bad : all) {
    const std::string message = config_error([&] {
      Config config;
      read_config(load_config_text(bad.text, "bad.yaml", ""), config);
    });
    const bool refused = std::regex_search(message, place) && message.find(bad.expected) != std::string::npos;
    row.add(bad.text.substr(0, 200), refused ? "" : "expected '" + bad.expected + "', got: " + message);
  }
}

}  // namespace
}  // namespace unet
