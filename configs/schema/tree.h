#pragma once

#include <string>
#include <utility>
#include <vector>

namespace unet {

/// Where a value stands in a config.
struct Location {
  std::string file;  ///< a path, "preset NAME" or "--set"
  int line = 0;      ///< counted from 1; 0 if unknown
  int column = 0;
  int bases = 0;  ///< number of `base:` that lead from the config to this file

  /// Returns "file:line:column", or just the file if the line is unknown.
  std::string text() const;
};

/// Parsed YAML with the place of each value, not yet checked against options.
struct Tree {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  Location where;
  std::string scalar;          ///< text of a scalar
  std::vector<Tree> items;     ///< items of a list
  std::vector<Entry> entries;  ///< entries of a map, in the order of the text

  const Tree* find(const std::string& key) const;
  Tree* find(const std::string& key);
};

struct Tree::Entry {
  std::string key;
  Location where;  ///< place of the key
  Tree value;
};

/// Parses YAML. Throws Error(config) with file:line:column for a syntax error, a duplicate key, a key that is not a
/// scalar, and a document that is too deep, or too large once its aliases are expanded.
Tree parse_yaml(const std::string& text, const std::string& file, int bases = 0);

/// Merges `changes` into `target`: maps are merged, other values replaced. A map that chooses another row of a table,
/// by `name` or `mode`, replaces the whole map, since the remaining keys are options of the previous row.
void merge(Tree& target, const Tree& changes);

/// Sets `KEY=VALUE`: the key is a dotted path with list items by index, the value is YAML. Throws Error(config).
void set_value(Tree& target, const std::string& assignment);

/// Loads a YAML file and merges it into the file or preset that its `base:` names, relative to the file, recursively.
/// Throws Error(missing_input), Error(config).
Tree load_config_file(const std::string& path);

/// Loads a config from text in the same way; a path in `base:` is relative to `folder`.
Tree load_config_text(const std::string& text, const std::string& file, const std::string& folder);

}  // namespace unet
