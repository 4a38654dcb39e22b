#include "configs/schema/value_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "configs/schema/suggest.h"

namespace unet {
namespace {

/// Converts the text to a number; nullopt unless the whole text is one.
template <class T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const char* begin = text.data() + (text.size() > 1 && text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads one value into the option that a field points to.
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
  void operator()(EnumValue* value) const { value->set(word(tree_)); }
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
  void operator()(std::vector<LabelKey>* value) const {
    if (tree_.kind != Tree::Kind::list) refuse_this("a list");
    value->clear();
    for (const Tree& item : tree_.items) {
      if (item.kind != Tree::Kind::scalar) refuse_value(item.where, path_, kind_of(item), kKeyKinds);
      value->push_back(label_key(item.where, item.scalar));
    }
  }
  void operator()(LabelClasses* value) const {
    value->clear();
    if (tree_.kind == Tree::Kind::scalar && tree_.scalar == "auto") return;
    if (tree_.kind != Tree::Kind::map) refuse_this("a map such as {0: 0, 255: 1}, or auto");
    for (const auto& entry : tree_.entries) (*value)[label_key(entry.where, entry.key)] = number<int64_t>(entry.value);
  }
  void operator()(ModeOrListValue* value) const {
    if (tree_.kind == Tree::Kind::list)
      value->set_list(list<double>(field_.limits.items));
    else if (tree_.kind == Tree::Kind::scalar && is_word())
      value->set_mode(tree_.scalar);
    else
      refuse_mode(join(field_.limits.words) + " or a list of numbers");
  }
  void operator()(std::optional<Duration>* value) const {
    value->reset();
    if (tree_.kind == Tree::Kind::scalar && tree_.scalar == "off") return;
    const auto seconds = tree_.kind == Tree::Kind::scalar ? parse_duration(tree_.scalar) : std::nullopt;
    if (!seconds) refuse_this("a time such as 30m, 2h or 1h30m, or off");
    *value = Duration{tree_.scalar, *seconds};
  }
  void operator()(std::optional<std::string>* value) const {
    *value = word(tree_);
    if (*value == "none") value->reset();
  }

 private:
  static constexpr const char* kKeyKinds = "a mask value, a range such as 1-65535, or a color such as \"#800000\"";

  bool is_word() const {
    const auto& words = field_.limits.words;
    return std::find(words.begin(), words.end(), tree_.scalar) != words.end();
  }

  [[noreturn]] void refuse_this(const std::string& expected) const {
    refuse_value(tree_.where, path_, kind_of(tree_), expected);
  }

  LabelKey label_key(const Location& where, const std::string& text) const {
    const std::optional<LabelKey> key = parse_label_key(text);
    if (!key) refuse_value(where, path_, "'" + text + "'", kKeyKinds);
    return *key;
  }

  [[noreturn]] void refuse_mode(const std::string& expected) const {
    const std::string near =
        tree_.kind == Tree::Kind::scalar ? nearest_name(tree_.scalar, field_.limits.words) : std::string();
    if (near.empty()) refuse_this(expected);
    fail(ErrorKind::config, tree_.where.text(), ": ", path_, ": got '", tree_.scalar, "'. Did you mean '", near,
         "'? Expected ", expected);
  }

  std::string word(const Tree& tree) const {
    if (tree.kind != Tree::Kind::scalar) refuse_value(tree.where, path_, kind_of(tree), "a word");
    const auto& words = field_.limits.words;
    if (!words.empty() && std::find(words.begin(), words.end(), tree.scalar) == words.end())
      fail(ErrorKind::config, tree.where.text(), ": ", path_, ": got '", tree.scalar, "'",
           expected_one_of(tree.scalar, words));
    return tree.scalar;
  }

  template <class T>
  T number(const Tree& tree) const {
    const std::string kind = std::is_integral_v<T> ? "a whole number" : "a number";
    const std::string limits = limits_text(field_.limits);
    const std::string expected = limits.empty() ? kind : kind + " " + limits;
    if (tree.kind != Tree::Kind::scalar) refuse_value(tree.where, path_, kind_of(tree), expected);
    const auto value = parse_number<T>(tree.scalar);
    const double checked = value ? static_cast<double>(*value) : NAN;
    const bool fits = checked >= field_.limits.low && checked <= field_.limits.high &&
                      !(field_.limits.above_low && checked == field_.limits.low) && std::isfinite(checked);
    if (!fits) refuse_value(tree.where, path_, kind_of(tree), expected);
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

  /// Reads a list. A word in its place, such as `auto`, leaves it empty.
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

}  // namespace

void read_value(const Tree& tree, const Field& field, const std::string& path, const FieldValue& value) {
  std::visit(LeafReader(tree, field, path), value);
}

void refuse_value(const Location& where, const std::string& path, const std::string& got, const std::string& expected) {
  fail(ErrorKind::config, where.text(), ": ", path, ": got ", got, ", expected ", expected);
}

std::string kind_of(const Tree& tree) {
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

}  // namespace unet
