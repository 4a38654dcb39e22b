#include "configs/schema/reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "configs/schema/value_reader.h"
#include "configs/schema/writer.h"

namespace unet {
namespace {

/// The errors of a config, collected so that all of them are shown at once.
class Mistakes {
 public:
  /// Runs `read`, and keeps the Error(config) that it throws with the place of the value that it reads.
  template <class Read>
  void collect(const Location& where, Read read) {
    try {
      read();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::config) throw;
      found_.push_back({where, error.what()});
    }
  }

  /// Throws if there are mistakes, in the order of the files.
  void refuse() {
    if (found_.empty()) return;
    std::map<std::string, size_t> files;
    for (const Mistake& each : found_) files.emplace(each.where.file, files.size());
    std::stable_sort(found_.begin(), found_.end(), [&](const Mistake& a, const Mistake& b) {
      return std::make_tuple(files[a.where.file], a.where.line, a.where.column) <
             std::make_tuple(files[b.where.file], b.where.line, b.where.column);
    });
    constexpr size_t kMaxShown = 10;
    std::vector<std::string> texts;
    for (const Mistake& each : found_) texts.push_back(each.text);
    fail(ErrorKind::config, join_first(texts, kMaxShown, "\n"));
  }

 private:
  struct Mistake {
    Location where;
    std::string text;
  };
  std::vector<Mistake> found_;
};

/// Matches one map of a tree with the fields of one options struct.
class Reader : public FieldVisitor {
 public:
  Reader(const Tree& tree, std::string prefix, Locations& locations, Mistakes& mistakes,
         const std::vector<std::string>& all)
      : tree_(tree), prefix_(std::move(prefix)), locations_(locations), mistakes_(mistakes), all_(all) {}

  void read(Options& options, std::set<std::string> known = {}) {
    if (tree_.kind == Tree::Kind::null) return;
    if (tree_.kind != Tree::Kind::map)
      refuse_value(tree_.where, prefix_.empty() ? "config" : prefix_, kind_of(tree_), "a map of options");
    known_ = std::move(known);
    options.fields(*this);
    for (const auto& entry : tree_.entries)
      if (known_.count(entry.key) == 0 && former_.count(entry.key) == 0)
        mistakes_.collect(entry.where, [&] { refuse_unknown(entry); });
  }

 protected:
  void leaf(const Field& field, FieldValue value) override {
    const Tree* given = enter(field);
    if (given != nullptr) mistakes_.collect(given->where, [&] { read_value(*given, field, path(field), value); });
  }
  void group(const Field& field, Options& options) override {
    const Tree* given = enter(field);
    if (given == nullptr) return;
    mistakes_.collect(given->where, [&] { Reader(*given, path(field), locations_, mistakes_, all_).read(options); });
  }
  void choice(const Field& field, Choice& choice) override {
    const Tree* given = enter(field);
    if (given != nullptr) mistakes_.collect(given->where, [&] { read_choice(*given, path(field), choice); });
  }
  void choices(const Field& field, ChoiceList& choices) override {
    const Tree* given = enter(field);
    if (given == nullptr) return;
    mistakes_.collect(given->where, [&] { read_choices(*given, field, choices); });
  }

 private:
  void read_choices(const Tree& list, const Field& field, ChoiceList& choices) {
    const Tree* given = &list;
    if (given->kind == Tree::Kind::map) return change_items(*given, path(field), choices);
    if (given->kind != Tree::Kind::list) refuse_value(given->where, path(field), kind_of(*given), "a list");
    choices.resize(0);
    choices.resize(given->items.size());
    for (size_t i = 0; i < given->items.size(); ++i)
      mistakes_.collect(given->items[i].where,
                        [&] { read_choice(given->items[i], path(field) + "." + std::to_string(i), choices.at(i)); });
  }

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
      if (given != nullptr) {
        mistakes_.collect(old->where, [&] {
          fail(ErrorKind::config, old->where.text(), ": ", path(former), " is the former name of ", path(field.name),
               ", which is also given at ", given->where.text(), ". Keep one of them.");
        });
        return nullptr;
      }
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
             "', expected a list, or the index of one of its ", counted(choices.size(), "item"), " (from 0)");
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
    if (is_map) Reader(given, path, locations_, mistakes_, all_).read(choice.options(), {key});
  }

  /// Returns the path of an option that a key may mean: one of this name elsewhere, a similar one here, or a similar
  /// one elsewhere; "" if there is none.
  std::string suggest(const std::string& key, const std::vector<std::string>& here) const {
    const auto has_name = [&](const std::string& path) { return ends_with(path, "." + key); };
    const auto elsewhere = std::find_if(all_.begin(), all_.end(), has_name);
    if (elsewhere != all_.end() && *elsewhere != path(key)) return *elsewhere;
    const std::string near = nearest_name(key, here);
    return near.empty() ? nearest_name(key, all_) : path(near);
  }

  [[noreturn]] void refuse_unknown(const Tree::Entry& entry) const {
    const std::vector<std::string> here(known_.begin(), known_.end());
    std::string near = suggest(entry.key, here);
    const std::string own = path(entry.key);
    if (near == own) near.clear();  // an option of another row
    fail(ErrorKind::config, entry.where.text(), ": unknown key '", own, "'", with_suggestion(near, here));
  }

  const Tree& tree_;
  std::string prefix_;
  Locations& locations_;
  Mistakes& mistakes_;
  const std::vector<std::string>& all_;
  std::set<std::string> known_;
  std::set<std::string> former_;
};

}  // namespace

const Location* Locations::find(const std::string& path) const {
  const auto found = table_.find(path);
  return found == table_.end() ? nullptr : &found->second;
}

std::string Locations::text(const std::string& path) const {
  const Location* where = find(path);
  return where == nullptr ? path : where->text() + ": " + path;
}

Locations read_options(const Tree& tree, Options& options) {
  Locations locations;
  std::vector<std::string> all;
  for (const auto& option : option_values(options)) all.push_back(option.first);
  Mistakes mistakes;
  Reader(tree, "", locations, mistakes, all).read(options);
  mistakes.refuse();
  return locations;
}

}  // namespace unet
