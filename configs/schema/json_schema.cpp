#include "configs/schema/json_schema.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace unet {
namespace {

using nlohmann::json;

struct LeafSchema {
  const Limits& limits;

  json number(const char* type) const {
    json schema{{"type", type}};
    if (std::isfinite(limits.low)) schema[limits.above_low ? "exclusiveMinimum" : "minimum"] = limits.low;
    if (std::isfinite(limits.high)) schema["maximum"] = limits.high;
    return schema;
  }
  json list(json items, std::optional<size_t> count) const {
    json schema{{"type", "array"}, {"items", std::move(items)}};
    if (count) schema["minItems"] = schema["maxItems"] = *count;
    return schema;
  }
  json or_words(json schema) const {
    return limits.words.empty() ? schema : json{{"anyOf", {schema, {{"enum", limits.words}}}}};
  }
  json operator()(const bool* value) const { return {{"type", "boolean"}, {"default", *value}}; }
  json operator()(const int64_t* value) const { return with_default(number("integer"), *value); }
  json operator()(const double* value) const { return with_default(number("number"), *value); }
  json word() const {
    json schema{{"type", "string"}};
    if (!limits.words.empty()) schema["enum"] = limits.words;
    return schema;
  }
  json operator()(const std::string* value) const { return with_default(word(), *value); }
  json operator()(const EnumValue* value) const { return with_default(word(), value->name()); }
  json operator()(const std::optional<int64_t>* value) const {
    const json schema{{"anyOf", {number("integer"), {{"const", "auto"}}}}};
    return value->has_value() ? with_default(schema, **value) : with_default(schema, "auto");
  }
  json per_axis() const { return {{"anyOf", {number("integer"), list(number("integer"), 2)}}}; }
  static json per_axis_default(const PerAxis& value) {
    return value[0] == value[1] ? json(value[0]) : json{value[0], value[1]};
  }
  json operator()(const PerAxis* value) const { return with_default(per_axis(), per_axis_default(*value)); }
  json operator()(const std::optional<PerAxis>* value) const {
    const json schema{{"anyOf", {number("integer"), list(number("integer"), 2), {{"const", "auto"}}}}};
    return value->has_value() ? with_default(schema, per_axis_default(**value)) : with_default(schema, "auto");
  }
  json operator()(const Range* value) const {
    return with_default(list(number("number"), 2), json{value->low, value->high});
  }
  json operator()(const std::vector<int64_t>*) const { return or_words(list(number("integer"), limits.items)); }
  json operator()(const std::vector<double>*) const { return or_words(list(number("number"), limits.items)); }
  json operator()(const std::vector<std::string>*) const { return list(word(), limits.items); }
  json operator()(const ModeOrListValue*) const { return or_words(list(number("number"), limits.items)); }
  json operator()(const std::optional<Duration>* value) const {
    return with_default(word(), value->has_value() ? (*value)->text : "off");
  }
  json operator()(const std::optional<std::string>* value) const {
    return with_default(word(), value->value_or("none"));
  }
  json operator()(const std::vector<LabelKey>*) const { return list({{"type", {"integer", "string"}}}, limits.items); }
  json operator()(const LabelClasses*) const {
    return {{"anyOf", {{{"type", "object"}, {"additionalProperties", {{"type", "integer"}}}}, {{"const", "auto"}}}}};
  }

  template <class T>
  static json with_default(json schema, const T& value) {
    schema["default"] = value;
    return schema;
  }
};

class SchemaWriter : public ConstFieldVisitor {
 public:
  static json object(const Options& options, json properties = json::object()) {
    SchemaWriter writer;
    writer.properties_ = std::move(properties);
    writer.walk(options);
    return {{"type", "object"}, {"properties", writer.properties_}, {"additionalProperties", false}};
  }

 protected:
  void leaf(const Field& field, ConstFieldValue value) override {
    put(field, std::visit(LeafSchema{field.limits}, value));
  }
  void group(const Field& field, const Options& options) override { put(field, object(options)); }
  void choice(const Field& field, const Choice& choice) override { put(field, any_row(choice)); }
  void choices(const Field& field, const ChoiceList& choices) override {
    put(field, {{"type", "array"}, {"items", any_row(*choices.new_item())}});
  }

 private:
  void put(const Field& field, json schema) {
    schema["description"] = field.meaning;
    for (const std::string& former : field.former_names) {
      properties_[former] = schema;
      properties_[former]["deprecated"] = true;
    }
    properties_[field.name] = std::move(schema);
  }

  static json any_row(const Choice& choice) {
    const auto row_of_table = choice.clone();
    json rows = json::array();
    json names = json::array();
    for (const auto& [name, meaning] : choice.rows()) {
      json row = object(row_of_table->choose(name), {{choice.key(), {{"const", name}}}});
      row["description"] = meaning;
      row["required"] = {choice.key()};
      rows.push_back(std::move(row));
      names.push_back(name);
    }
    rows.push_back({{"enum", names}});
    return {{"anyOf", rows}};
  }

  json properties_ = json::object();
};

}  // namespace

json to_json_schema(const Options& options, const std::string& title) {
  json schema = SchemaWriter::object(
      options, {{"base", {{"type", "string"}, {"description", "a config file or preset to start from"}}}});
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = title;
  return schema;
}

}  // namespace unet
