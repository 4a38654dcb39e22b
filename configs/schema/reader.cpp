#include "configs/schema/reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "configs/schema/writer.h"

namespace unet {
namespace {

[[noreturn]] void refuse(const Location& where, const std::string& path, const std::string& got,
                         const std::string& expected) {
  fail(ErrorKind::config, where.text(), ": ", path, ": got ", got, ", expected ", expected);
}

std::string describe(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::null:
      return "nothing";
    case Tree::Kind::list:
      return "a list";
    case Tree::Kind::map:
      return "a map";
    case Tree::Kind::scalar:
      break;
  }
  return "'" + tree.scalar + "'";
}

/// The whole text as a number, or nothing.
template <class T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const char* begin = text.data() + (text.size() > 1 && text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads one value into the place that a field points to.
class LeafReader {
 public:
  LeafReader(const Tree& tree, const Field& field, const std::string& path) : tree_(tree), field_(field), path_(path) {}

  void operator()(bool* value) const {
    if (tree_.scalar == "true")
      *value = true;
    else if (tree_.scalar == "false")
      *value = false;
    else
      refuse_this("true or false");
  }
  void operator()(int64_t* value) const { *value = number<int64_t>(tree_); }
  void operator()(double* value) const { *value = number<double>(tree_); }
  void operator()(std::string* value) const { *value = word(tree_); }
  void operator()(std::optional<int64_t>* value) const {
    if (tree_.kind == Tree::Kind::scalar && tree_.scalar == "auto")
      value->reset();
    else
      *value = number<int64_t>(tree_);
  }
  void operator()(PerAxis* value) const { *value = per_axis(); }
  void operator()(std::optional<PerAxis>* value) const {
    if (tree_.kind == Tree::Kind::scalar && tree_.scalar == "auto")
      value->reset();
    else
      *value = per_axis();
  }
  void operator()(Range* value) const {
    const auto ends = list<double>(2);
    if (ends[0] > ends[1]) refuse_this("[low, high] with low <= high");
    *value = {ends[0], ends[1]};
  }
  void operator()(std::vector<int64_t>* value) const { read_list(*value); }
  void operator()(std::vector<double>* value) const { read_list(*value); }
  void operator()(std::vector<std::string>* value) const { read_list(*value); }
  void operator()(std::map<int64_t, int64_t>* value) const {
    value->clear();
    if (tree_.kind == Tree::Kind::scalar && tree_.scalar == "auto") return;
    if (tree_.kind != Tree::Kind::map) refuse_this("a map such as {0: 0, 255: 1}, or auto");
    for (const auto& entry : tree_.entries) {
      const auto key = parse_number<int64_t>(entry.key);
      if (!key) refuse(entry.where, path_, "'" + entry.key + "'", "a whole number");
      (*value)[*key] = number<int64_t>(entry.value);
    }
  }
  void operator()(WordOrList* value) const {
    if (tree_.kind == Tree::Kind::list)
      *value = {"", list<double>(field_.limits.items)};
    else if (tree_.kind == Tree::Kind::scalar && is_word())
      *value = {tree_.scalar, {}};
    else
      refuse_this(join(field_.limits.words) + " or a list of numbers");
  }

 private:
  bool is_word() const {
    const auto& words = field_.limits.words;
    return std::find(words.begin(), words.end(), tree_.scalar) != words.end();
  }

  [[noreturn]] void refuse_this(const std::string& expected) const {
    refuse(tree_.where, path_, describe(tree_), expected);
  }

  std::string word(const Tree& tree) const {
    if (tree.kind != Tree::Kind::scalar) refuse(tree.where, path_, describe(tree), "a word");
    const auto& words = field_.limits.words;
    if (!words.empty() && std::find(words.begin(), words.end(), tree.scalar) == words.end())
      fail(ErrorKind::config, tree.where.text(), ": ", path_, ": got '", tree.scalar, "', ",
           expected_one_of(tree.scalar, words));
    return tree.scalar;
  }

  template <class T>
  T number(const Tree& tree) const {
    const std::string kind = std::is_integral_v<T> ? "a whole number" : "a number";
    const std::string limits = limits_text(field_.limits);
    const std::string expected = limits.empty() ? kind : kind + " " + limits;
    if (tree.kind != Tree::Kind::scalar) refuse(tree.where, path_, describe(tree), expected);
    const auto value = parse_number<T>(tree.scalar);
    const double checked = value ? static_cast<double>(*value) : NAN;
    const bool fits = checked >= field_.limits.low && checked <= field_.limits.high &&
                      !(field_.limits.above_low && checked == field_.limits.low) && std::isfinite(checked);
    if (!fits) refuse(tree.where, path_, describe(tree), expected);
    return *value;
  }

  PerAxis per_axis() const {
    if (tree_.kind != Tree::Kind::list) {
      const auto value = number<int64_t>(tree_);
      return {value, value};
    }
    const auto values = list<int64_t>(2);
    return {values[0], values[1]};
  }

  template <class T>
  T item(const Tree& tree) const {
    if constexpr (std::is_same_v<T, std::string>)
      return word(tree);
    else
      return number<T>(tree);
  }

  template <class T>
  std::vector<T> list(std::optional<size_t> items) const {
    const std::string expected = items ? "a list of " + std::to_string(*items) : "a list";
    if (tree_.kind != Tree::Kind::list || (items && tree_.items.size() != *items)) refuse_this(expected);
    std::vector<T> values;
    for (const Tree& each : tree_.items) values.push_back(item<T>(each));
    return values;
  }

  /// A list of any length may be `auto` where its words say so: it is then empty.
  template <class T>
  void read_list(std::vector<T>& values) const {
    if (!std::is_same_v<T, std::string> && tree_.kind == Tree::Kind::scalar && is_word())
      values.clear();
    else
      values = list<T>(field_.limits.items);
  }

  const Tree& tree_;
  const Field& field_;
  const std::string& path_;
};

/// Matches one map of a tree with the fields of one options struct.
class Reader : public FieldVisitor {
 public:
  Reader(const Tree& tree, std::string prefix, Locations& locations, const std::vector<std::string>& all)
      : tree_(tree), prefix_(std::move(prefix)), locations_(locations), all_(all) {}

  void read(Options& options, std::set<std::string> known = {}) {
    if (tree_.kind == Tree::Kind::null) return;
    if (tree_.kind != Tree::Kind::map)
      refuse(tree_.where, prefix_.empty() ? "config" : prefix_, describe(tree_), "a map of options");
    known_ = std::move(known);
    options.fields(*this);
    for (const auto& entry : tree_.entries)
      if (known_.count(entry.key) == 0) refuse_unknown(entry);
  }

 protected:
  void leaf(const Field& field, FieldValue value) override {
    if (const Tree* given = enter(field)) std::visit(LeafReader(*given, field, path(field)), value);
  }
  void group(const Field& field, Options& options) override {
    if (const Tree* given = enter(field)) Reader(*given, path(field), locations_, all_).read(options);
  }
  void choice(const Field& field, Choice& choice) override {
    if (const Tree* given = enter(field)) read_choice(*given, path(field), choice);
  }
  void choices(const Field& field, ChoiceList& choices) override {
    const Tree* given = enter(field);
    if (given == nullptr) return;
    if (given->kind == Tree::Kind::map) return change_items(*given, path(field), choices);
    if (given->kind != Tree::Kind::list) refuse(given->where, path(field), describe(*given), "a list");
    choices.resize(0);
    choices.resize(given->items.size());
    for (size_t i = 0; i < given->items.size(); ++i)
      read_choice(given->items[i], path(field) + "." + std::to_string(i), choices.at(i));
  }

 private:
  std::string path(const Field& field) const { return prefix_.empty() ? field.name : prefix_ + "." + field.name; }

  const Tree* enter(const Field& field) {
    known_.insert(field.name);
    const Tree* given = tree_.find(field.name);
    if (given != nullptr) locations_.set(path(field), given->where);
    return given;
  }

  /// A map from indices to what changes in these items of the list, as `--set terms.0.weight=2` makes it.
  void change_items(const Tree& given, const std::string& path, ChoiceList& choices) {
    for (const Tree::Entry& entry : given.entries) {
      size_t index = 0;
      while (index < choices.size() && std::to_string(index) != entry.key) ++index;
      if (index == choices.size())
        fail(ErrorKind::config, entry.where.text(), ": ", path, ": got '", entry.key,
             "', expected a list, or the index of one of its ", choices.size(), " items, the first being 0");
      read_choice(entry.value, path + "." + entry.key, choices.at(index));
    }
  }

  void read_choice(const Tree& given, const std::string& path, Choice& choice) {
    std::vector<std::string> names;
    for (const auto& row : choice.rows()) names.push_back(row.first);
    const bool is_map = given.kind == Tree::Kind::map;
    const char* key = is_map && given.find(choice.key()) == nullptr ? "name" : choice.key();
    const Tree* name = is_map ? given.find(key) : &given;
    if (name != nullptr) {
      if (name->kind != Tree::Kind::scalar) refuse(given.where, path, describe(given), "one of " + join(names));
      if (std::find(names.begin(), names.end(), name->scalar) == names.end())
        fail(ErrorKind::config, name->where.text(), ": ", path, ": got '", name->scalar, "', ",
             expected_one_of(name->scalar, names));
      choice.choose(name->scalar);
    }
    if (is_map) Reader(given, path, locations_, all_).read(choice.options(), {key});
  }

  [[noreturn]] void refuse_unknown(const Tree::Entry& entry) const {
    const std::vector<std::string> here(known_.begin(), known_.end());
    std::string near = nearest_name(entry.key, here);
    if (!near.empty() && !prefix_.empty()) near = prefix_ + "." + near;
    if (near.empty()) near = nearest_name(entry.key, all_);
    const std::string own = (prefix_.empty() ? "" : prefix_ + ".") + entry.key;
    if (near == own) near.clear();  // an option of another row
    fail(ErrorKind::config, entry.where.text(), ": unknown key '", own, "'; expected one of ", join(here), ".",
         near.empty() ? "" : " Did you mean '" + near + "'?");
  }

  const Tree& tree_;
  std::string prefix_;
  Locations& locations_;
  const std::vector<std::string>& all_;
  std::set<std::string> known_;
};

}  // namespace

bool Locations::has(const std::string& path) const { return table_.count(path) != 0; }

std::string Locations::text(const std::string& path) const {
  const auto found = table_.find(path);
  return found == table_.end() ? path : found->second.text() + ": " + path;
}

Locations read_options(const Tree& tree, Options& options) {
  Locations locations;
  std::vector<std::string> all;
  for (const auto& option : option_values(options)) all.push_back(option.first);
  Reader(tree, "", locations, all).read(options);
  return locations;
}

}  // namespace unet
