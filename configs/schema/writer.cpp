#include "configs/schema/writer.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace unet {
namespace {

/// A YAML scalar, quoted where it would read back as something else.
std::string scalar_text(const std::string& text) {
  const bool plain = !text.empty() &&
                     text.find_first_not_of(
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                         "0123456789_./+-") == std::string::npos &&
                     text[0] != '-' && text != "null" && text != "~";
  return plain ? text : nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <class T>
std::string flow_list(const std::vector<T>& values) {
  std::vector<std::string> parts;
  for (const T& value : values) {
    if constexpr (std::is_same_v<T, std::string>)
      parts.push_back(scalar_text(value));
    else if constexpr (std::is_integral_v<T>)
      parts.push_back(std::to_string(value));
    else
      parts.push_back(number_text(value));
  }
  return "[" + join(parts) + "]";
}

struct ValueText {
  const Limits& limits;

  template <class T>
  std::string list_or_word(const std::vector<T>& values) const {
    return values.empty() && !limits.words.empty() ? limits.words.front() : flow_list(values);
  }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const int64_t* value) const { return std::to_string(*value); }
  std::string operator()(const double* value) const { return number_text(*value); }
  std::string operator()(const std::string* value) const { return scalar_text(*value); }
  std::string operator()(const std::optional<int64_t>* value) const {
    return value->has_value() ? std::to_string(**value) : "auto";
  }
  std::string operator()(const PerAxis* value) const { return text_of(*value); }
  std::string operator()(const std::optional<PerAxis>* value) const {
    return value->has_value() ? text_of(**value) : "auto";
  }
  std::string operator()(const Range* value) const { return flow_list<double>({value->low, value->high}); }
  std::string operator()(const std::vector<int64_t>* value) const { return list_or_word(*value); }
  std::string operator()(const std::vector<double>* value) const { return list_or_word(*value); }
  std::string operator()(const std::vector<std::string>* value) const { return flow_list(*value); }
  std::string operator()(const WordOrList* value) const {
    return value->word.empty() ? flow_list(value->values) : value->word;
  }
  std::string operator()(const std::map<int64_t, int64_t>* value) const {
    std::vector<std::string> parts;
    for (const auto& [key, mapped] : *value) parts.push_back(concat(key, ": ", mapped));
    return parts.empty() ? "auto" : "{" + join(parts) + "}";
  }
};

class YamlWriter : public FieldVisitor {
 public:
  explicit YamlWriter(Comments comments) : comments_(comments) {}
  std::string text;

 protected:
  void leaf(const Field& field, FieldValue value) override {
    const std::string line = start(field) + " " + std::visit(ValueText{field.limits}, value);
    std::string note = field.meaning;
    const std::string allowed =
        field.limits.words.empty() ? limits_text(field.limits) : join(field.limits.words, " | ");
    if (!allowed.empty()) note += " (" + allowed + ")";
    add(line, note);
  }
  void group(const Field& field, Options& options) override {
    add(start(field), field.meaning);
    nested(options);
  }
  void choice(const Field& field, Choice& choice) override {
    std::vector<std::string> names;
    for (const auto& row : choice.rows()) names.push_back(row.first);
    add(start(field), field.meaning);
    indent_ += "  ";
    add(indent_ + choice.key() + ": " + choice.name(), join(names, " | "));
    choice.options().fields(*this);
    indent_.resize(indent_.size() - 2);
  }
  void choices(const Field& field, ChoiceList& choices) override {
    add(start(field) + (choices.size() == 0 ? " []" : ""), field.meaning);
    for (size_t i = 0; i < choices.size(); ++i) {
      std::vector<std::string> names;
      for (const auto& row : choices.at(i).rows()) names.push_back(row.first);
      add(indent_ + "  - " + choices.at(i).key() + ": " + choices.at(i).name(), join(names, " | "));
      indent_ += "    ";
      choices.at(i).options().fields(*this);
      indent_.resize(indent_.size() - 4);
    }
  }

 private:
  std::string start(const Field& field) const { return indent_ + field.name + ":"; }

  void nested(Options& options) {
    indent_ += "  ";
    options.fields(*this);
    indent_.resize(indent_.size() - 2);
  }

  void add(const std::string& line, const std::string& note) {
    constexpr size_t kNoteColumn = 40;
    text += line;
    if (comments_ == Comments::meanings && !note.empty())
      text += std::string(line.size() < kNoteColumn ? kNoteColumn - line.size() : 1, ' ') + " # " + note;
    text += "\n";
  }

  Comments comments_;
  std::string indent_;
};

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
  json operator()(const WordOrList*) const { return or_words(list(number("number"), limits.items)); }
  json operator()(const std::map<int64_t, int64_t>*) const {
    return {{"anyOf", {{{"type", "object"}, {"additionalProperties", {{"type", "integer"}}}}, {{"const", "auto"}}}}};
  }

  template <class T>
  static json with_default(json schema, const T& value) {
    schema["default"] = value;
    return schema;
  }
};

class SchemaWriter : public FieldVisitor {
 public:
  json properties = json::object();

  static json object(Options& options, json properties = json::object()) {
    SchemaWriter writer;
    writer.properties = std::move(properties);
    options.fields(writer);
    return {{"type", "object"}, {"properties", writer.properties}, {"additionalProperties", false}};
  }

 protected:
  void leaf(const Field& field, FieldValue value) override { put(field, std::visit(LeafSchema{field.limits}, value)); }
  void group(const Field& field, Options& options) override { put(field, object(options)); }
  void choice(const Field& field, Choice& choice) override { put(field, any_row(choice)); }
  void choices(const Field& field, ChoiceList& choices) override {
    const size_t size = choices.size();
    choices.resize(size + 1);  // a spare item to walk the table with
    put(field, {{"type", "array"}, {"items", any_row(choices.at(size))}});
    choices.resize(size);
  }

 private:
  void put(const Field& field, json schema) {
    schema["description"] = field.meaning;
    properties[field.name] = std::move(schema);
  }

  static json any_row(Choice& choice) {
    const std::string chosen = choice.name();
    json rows = json::array();
    json names = json::array();
    for (const auto& [name, meaning] : choice.rows()) {
      json row = object(choice.choose(name), {{choice.key(), {{"const", name}}}});
      row["description"] = meaning;
      row["required"] = {choice.key()};
      rows.push_back(std::move(row));
      names.push_back(name);
    }
    rows.push_back({{"enum", names}});
    choice.choose(chosen);
    return {{"anyOf", rows}};
  }
};

class ValueLister : public FieldVisitor {
 public:
  std::map<std::string, std::string> values;

 protected:
  void leaf(const Field& field, FieldValue value) override {
    values[prefix_ + field.name] = std::visit(ValueText{field.limits}, value);
  }
  void group(const Field& field, Options& options) override { nested(field.name, options); }
  void choice(const Field& field, Choice& choice) override { add_choice(field.name, choice); }
  void choices(const Field& field, ChoiceList& choices) override {
    values[prefix_ + field.name] = concat(choices.size(), " items");
    for (size_t i = 0; i < choices.size(); ++i) add_choice(concat(field.name, '.', i), choices.at(i));
  }

 private:
  void add_choice(const std::string& name, Choice& choice) {
    values[prefix_ + name] = choice.name();
    nested(name, choice.options());
  }

  void nested(const std::string& name, Options& options) {
    const std::string outer = prefix_;
    prefix_ += name + ".";
    options.fields(*this);
    prefix_ = outer;
  }

  std::string prefix_;
};

}  // namespace

std::string to_yaml(Options& options, Comments comments) {
  YamlWriter writer(comments);
  options.fields(writer);
  return writer.text;
}

json to_json_schema(Options& options, const std::string& title) {
  json schema = SchemaWriter::object(
      options, {{"base", {{"type", "string"}, {"description", "a config file or preset to start from"}}}});
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = title;
  return schema;
}

std::map<std::string, std::string> option_values(Options& options) {
  ValueLister lister;
  options.fields(lister);
  return lister.values;
}

std::string limits_text(const Limits& limits) {
  const bool has_low = std::isfinite(limits.low);
  const bool has_high = std::isfinite(limits.high);
  if (has_low && has_high)
    return (limits.above_low ? "above " : "from ") + number_text(limits.low) + " to " + number_text(limits.high);
  if (has_low) return (limits.above_low ? "above " : "at least ") + number_text(limits.low);
  if (has_high) return "at most " + number_text(limits.high);
  return "";
}

std::string number_text(double value) {
  char buffer[32];
  if (std::abs(value) < 1e15 && value == std::floor(value)) return std::to_string(static_cast<int64_t>(value));
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return error == std::errc() ? std::string(buffer, end) : std::to_string(value);
}

}  // namespace unet
