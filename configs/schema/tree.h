#pragma once

#include <string>
#include <utility>
#include <vector>

namespace unet {

/// The place of a piece of a config.
struct Location {
  std::string file;  ///< a path, "preset NAME" or "--set"
  int line = 0;      ///< from 1; 0 if it has no line
  int column = 0;

  /// "file:line:column", or only the file without a line.
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
/// scalar, and for a document that is too deep, or too large once its aliases are expanded.
Tree parse_yaml(const std::string& text, const std::string& file);

/// Merges `from` into `onto`: maps are merged, other values replaced. A map with another `name` or `mode` (another row
/// of a table) replaces the whole map, since the other keys are options of the former row.
void merge(Tree& onto, const Tree& from);

/// Sets `KEY=VALUE`: the key is a dotted path with list items by index, the value is YAML. Throws Error(config).
void set_value(Tree& onto, const std::string& assignment);

/// Loads a YAML file and merges it into the file or preset that its `base:` names, relative to the file, recursively.
/// Throws Error(missing_input), Error(config).
Tree load_config_file(const std::string& path);

/// Loads a config from text in the same way; a path in `base:` is relative to `folder`.
Tree load_config_text(const std::string& text, const std::string& file, const std::string& folder);

}  // namespace unet
