#include "configs/schema/reader.h"

#include <algorithm>
#include <set>

#include "configs/schema/suggest.h"
#include "configs/schema/value_reader.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

/// Matches one map of a tree with the fields of one options struct.
class Reader : public FieldVisitor {
 public:
  Reader(const Tree& tree, std::string prefix, Locations& locations, const std::vector<std::string>& all)
      : tree_(tree), prefix_(std::move(prefix)), locations_(locations), all_(all) {}

  void read(Options& options, std::set<std::string> known = {}) {
    if (tree_.kind == Tree::Kind::null) return;
    if (tree_.kind != Tree::Kind::map)
      refuse_value(tree_.where, prefix_.empty() ? "config" : prefix_, kind_of(tree_), "a map of options");
    known_ = std::move(known);
    options.fields(*this);
    for (const auto& entry : tree_.entries)
      if (known_.count(entry.key) == 0 && former_.count(entry.key) == 0) refuse_unknown(entry);
  }

 protected:
  void leaf(const Field& field, FieldValue value) override {
    if (const Tree* given = enter(field)) read_value(*given, field, path(field), value);
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
    if (given->kind != Tree::Kind::list) refuse_value(given->where, path(field), kind_of(*given), "a list");
    choices.resize(0);
    choices.resize(given->items.size());
    for (size_t i = 0; i < given->items.size(); ++i)
      read_choice(given->items[i], path(field) + "." + std::to_string(i), choices.at(i));
  }

 private:
  std::string path(const std::string& key) const { return prefix_.empty() ? key : prefix_ + "." + key; }
  std::string path(const Field& field) const { return path(field.name); }

  /// Returns the value given under the field's name or a former name; nullptr if none is given.
  const Tree* enter(const Field& field) {
    known_.insert(field.name);
    const Tree::Entry* given = find_entry(field.name);
    for (const std::string& former : field.former_names) {
      former_.insert(former);
      const Tree::Entry* old = find_entry(former);
      if (old == nullptr) continue;
      if (given != nullptr)
        fail(ErrorKind::config, old->where.text(), ": ", path(former), " is the former name of ", path(field.name),
             ", which is also given at ", given->where.text(), ". Keep one of them.");
      locations_.note(concat(old->where.text(), ": ", path(former), " is now called ", path(field.name),
                             "; the former name is still read"));
      given = old;
    }
    if (given == nullptr) return nullptr;
    locations_.set(path(field), given->value.where);
    return &given->value;
  }

  const Tree::Entry* find_entry(const std::string& key) const {
    for (const Tree::Entry& each : tree_.entries)
      if (each.key == key) return &each;
    return nullptr;
  }

  /// Applies a map from list indices to changes of these items, as `--set terms.0.weight=2` produces it.
  void change_items(const Tree& given, const std::string& path, ChoiceList& choices) {
    for (const Tree::Entry& entry : given.entries) {
      size_t index = 0;
      while (index < choices.size() && std::to_string(index) != entry.key) ++index;
      if (index == choices.size())
        fail(ErrorKind::config, entry.where.text(), ": ", path, ": got '", entry.key,
             "', expected a list, or the index of one of its ", choices.size(), " items (from 0)");
      read_choice(entry.value, path + "." + entry.key, choices.at(index));
    }
  }

  void read_choice(const Tree& given, const std::string& path, Choice& choice) {
    const std::vector<std::string> names = row_names(choice);
    const bool is_map = given.kind == Tree::Kind::map;
    const char* key = is_map && given.find(choice.key()) == nullptr ? "name" : choice.key();
    const Tree* name = is_map ? given.find(key) : &given;
    if (name != nullptr) {
      if (name->kind != Tree::Kind::scalar) refuse_value(given.where, path, kind_of(given), "one of " + join(names));
      if (std::find(names.begin(), names.end(), name->scalar) == names.end())
        fail(ErrorKind::config, name->where.text(), ": ", path, ": got '", name->scalar, "'",
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
    const std::string own = path(entry.key);
    if (near == own) near.clear();  // an option of another row
    fail(ErrorKind::config, entry.where.text(), ": unknown key '", own, "'", with_suggestion(near, here));
  }

  const Tree& tree_;
  std::string prefix_;
  Locations& locations_;
  const std::vector<std::string>& all_;
  std::set<std::string> known_;
  std::set<std::string> former_;
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
