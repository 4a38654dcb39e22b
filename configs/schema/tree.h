#pragma once

#include <string>
#include <utility>
#include <vector>

namespace unet {

/// Where a piece of a config was written.
struct Location {
  std::string file;  ///< a path, "preset NAME" or "--set"
  int line = 0;      ///< from 1; 0 where a line makes no sense
  int column = 0;

  /// "file:line:column" or just the file.
  std::string text() const;
};

/// A parsed config before it has met any option: what was written, and where.
struct Tree {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  Location where;
  std::string scalar;          ///< the text of a scalar
  std::vector<Tree> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a map, in the order written

  const Tree* find(const std::string& key) const;
  Tree* find(const std::string& key);
};

struct Tree::Entry {
  std::string key;
  Location where;  ///< of the key
  Tree value;
};

/// Parses YAML. Throws Error(config) with file:line:column for a syntax error, a duplicate key, a key
/// that is no scalar, and for documents nested deeper or unfolding larger than a config ever is.
Tree parse_yaml(const std::string& text, const std::string& file);

/// Lays `from` over `onto`: maps are merged, everything else is replaced. A map whose `name` or `mode`
/// differs (another row of a table) replaces the whole map, as its other keys belong to the other row.
void merge(Tree& onto, const Tree& from);

/// Lays `KEY=VALUE` over `onto`; the key is dotted, list items by index, the value is YAML.
/// Throws Error(config).
void set_value(Tree& onto, const std::string& assignment);

/// The YAML file at `path` laid over the file that its `base:` names (relative to it), and so on down.
/// Throws Error(missing_input), Error(config).
Tree load_config_file(const std::string& path);

/// The same from text; `base:` in it is relative to `folder` and may also name a preset.
Tree load_config_text(const std::string& text, const std::string& file, const std::string& folder);

}  // namespace unet
