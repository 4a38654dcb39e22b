#include "configs/schema/tree.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "configs/schema/error.h"
#include "configs/schema/presets.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

constexpr int kMaxDepth = 32;       // levels of nesting; the presets have 5
constexpr int kMaxNodes = 100'000;  // after aliases are expanded
constexpr int kMaxBases = 16;       // length of a chain of `base:`
constexpr size_t kMaxBytes = 4 << 20;

/// Converts the graph of yaml-cpp, in which aliases share nodes and may form cycles, to a tree of limited size.
class TreeBuilder {
 public:
  TreeBuilder(std::string file, int bases) : file_(std::move(file)), bases_(bases) {}

  Tree build(const YAML::Node& node, int depth = 0) {
    Tree tree;
    tree.where = location(node.Mark());
    if (depth > kMaxDepth)
      fail(ErrorKind::config, tree.where.text(), ": nested deeper than ", kMaxDepth,
           " levels, or an alias that contains itself");
    if (++nodes_ > kMaxNodes)
      fail(ErrorKind::config, tree.where.text(), ": more than ", kMaxNodes,
           " values once aliases are expanded; a config has a few hundred");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        tree.kind = Tree::Kind::scalar;
        tree.scalar = node.Scalar();
        break;
      case YAML::NodeType::Sequence:
        tree.kind = Tree::Kind::list;
        for (const auto& item : node) tree.items.push_back(build(item, depth + 1));
        break;
      case YAML::NodeType::Map:
        tree.kind = Tree::Kind::map;
        for (const auto& pair : node) add_entry(tree, pair.first, pair.second, depth);
        if (node.Style() == YAML::EmitterStyle::Flow) split_joined_entries(tree);
        break;
      default:
        break;
    }
    return tree;
  }

 private:
  void add_entry(Tree& tree, const YAML::Node& key, const YAML::Node& value, int depth) {
    const Location where = location(key.Mark());
    if (!key.IsScalar()) fail(ErrorKind::config, where.text(), ": a key must be a plain word or number");
    if (const Tree* earlier = tree.find(key.Scalar()))
      fail(ErrorKind::config, where.text(), ": duplicate key '", key.Scalar(), "', first given at line ",
           earlier->where.line, ". Keep one of them");
    tree.entries.push_back({key.Scalar(), where, build(value, depth + 1)});
  }

  /// Reads {0:0, 255:1} as {0: 0, 255: 1}: without the space, YAML takes "0:0" for a key without a value. No option has
  /// a colon in its name.
  static void split_joined_entries(Tree& tree) {
    for (Tree::Entry& entry : tree.entries) {
      const size_t colon = entry.key.rfind(':');
      if (entry.value.kind != Tree::Kind::null || colon == std::string::npos || colon == 0) continue;
      entry.value = Tree{Tree::Kind::scalar, entry.where, entry.key.substr(colon + 1), {}, {}};
      entry.key.resize(colon);
    }
  }

  Location location(const YAML::Mark& mark) const {
    return mark.is_null() ? Location{file_, 0, 0, bases_} : Location{file_, mark.line + 1, mark.column + 1, bases_};
  }

  std::string file_;
  int bases_;
  int nodes_ = 0;
};

/// Whether a key holds the name of a row of a table; the two words are equivalent.
bool is_row_key(const std::string& key) { return key == "name" || key == "mode"; }

/// Returns the value that names the row in a map; nullptr if there is none.
Tree* row_of(Tree& tree) {
  Tree* name = tree.find("name");
  return name != nullptr ? name : tree.find("mode");
}
const Tree* row_of(const Tree& tree) { return row_of(const_cast<Tree&>(tree)); }

Tree* child(Tree& tree, const std::string& key, const std::string& assignment) {
  const Location where{"--set " + assignment};
  if (tree.kind == Tree::Kind::list) {
    const bool is_index = !key.empty() && key.size() < 6 && key.find_first_not_of("0123456789") == std::string::npos;
    const size_t index = is_index ? std::stoul(key) : tree.items.size();
    if (index >= tree.items.size())
      fail(ErrorKind::config, where.text(), ": '", key, "' is not an index of a list of ",
           counted(tree.items.size(), "item"), "; the first has index 0");
    return &tree.items[index];
  }
  if (tree.kind == Tree::Kind::scalar) {  // `optimizer: adamw` becomes `optimizer: {name: adamw}`
    Tree name = tree;
    tree = Tree{Tree::Kind::map, name.where, "", {}, {}};
    tree.entries.push_back({"name", name.where, std::move(name)});
  }
  if (tree.kind == Tree::Kind::null) tree = Tree{Tree::Kind::map, where, "", {}, {}};
  if (Tree* found = is_row_key(key) ? row_of(tree) : tree.find(key)) return found;
  tree.entries.push_back({key, where, Tree{Tree::Kind::null, where, "", {}, {}}});
  return &tree.entries.back().value;
}

Tree load_with_bases(const std::string& text, const std::string& file, const std::filesystem::path& folder, int bases);

Tree load_file(const std::filesystem::path& path, int bases) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path)) {
    const std::string near = nearest_name(path.stem().string(), preset_names());
    fail(ErrorKind::missing_input, path.string(), ": cannot be read. ",
         near.empty() ? "" : "Did you mean '" + near + "'? ",
         "Give a YAML file or one of the presets: ", join(preset_names()));
  }
  std::string text(kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxBytes)
    fail(ErrorKind::config, path.string(), ": larger than ", kMaxBytes, " bytes; this is not a config");
  return load_with_bases(text, path.string(), path.parent_path(), bases);
}

Tree load_with_bases(const std::string& text, const std::string& file, const std::filesystem::path& folder, int bases) {
  Tree tree = parse_yaml(text, file, bases);
  if (tree.kind == Tree::Kind::null) tree.kind = Tree::Kind::map;
  if (tree.kind != Tree::Kind::map)
    fail(ErrorKind::config, tree.where.text(), ": expected a map of sections (data:, model:, train:, ...)");
  const auto base = std::find_if(tree.entries.begin(), tree.entries.end(),
                                 [](const Tree::Entry& entry) { return entry.key == "base"; });
  if (base == tree.entries.end()) return tree;
  if (base->value.kind != Tree::Kind::scalar)
    fail(ErrorKind::config, base->where.text(), ": base: expected the path of a file or the name of a preset");
  if (bases >= kMaxBases)
    fail(ErrorKind::config, base->where.text(), ": more than ", kMaxBases,
         " files in a chain of base:. Check for a config that names itself");
  const std::string name = base->value.scalar;
  tree.entries.erase(base);
  const auto path = folder / name;
  const Preset* preset = find_preset(name);
  Tree merged = !std::filesystem::exists(path) && preset != nullptr
                    ? load_with_bases(preset->text, "preset " + name, "", bases + 1)
                    : load_file(path, bases + 1);
  merge(merged, tree);
  return merged;
}

}  // namespace

std::string Location::text() const {
  return line == 0 ? file : file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

const Tree* Tree::find(const std::string& key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

Tree* Tree::find(const std::string& key) { return const_cast<Tree*>(std::as_const(*this).find(key)); }

Tree parse_yaml(const std::string& text, const std::string& file, int bases) {
  try {
    return TreeBuilder(file, bases).build(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    const Location where{file, std::max(error.mark.line, 0) + 1, std::max(error.mark.column, 0) + 1};
    fail(ErrorKind::config, where.text(), ": not valid YAML: ", error.msg);
  }
}

void merge(Tree& target, const Tree& changes) {
  const Tree *before = row_of(target), *after = row_of(changes);
  const bool is_another_row = after != nullptr && (before == nullptr || before->scalar != after->scalar);
  if (target.kind != Tree::Kind::map || changes.kind != Tree::Kind::map || is_another_row) {
    target = changes;
    return;
  }
  for (const Tree::Entry& entry : changes.entries) {
    Tree* existing = is_row_key(entry.key) ? row_of(target) : target.find(entry.key);
    if (existing != nullptr)
      merge(*existing, entry.value);
    else
      target.entries.push_back(entry);
  }
}

void set_value(Tree& target, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    fail(ErrorKind::config, "--set ", assignment, ": expected KEY=VALUE, e.g. --set train.lr=3e-4");
  std::vector<std::string> keys;
  std::istringstream path(assignment.substr(0, equals));
  for (std::string key; std::getline(path, key, '.'); keys.push_back(key))
    if (keys.size() >= size_t{kMaxDepth} || key.empty())
      fail(ErrorKind::config, "--set ", assignment, ": not a key; expected a path such as train.lr");
  Tree value = parse_yaml(assignment.substr(equals + 1), "--set " + assignment);
  value.where = Location{"--set " + assignment};
  Tree* place = &target;
  for (size_t i = 0; i + 1 < keys.size(); ++i) place = child(*place, keys[i], assignment);
  if (is_row_key(keys.back()) && row_of(*place) != nullptr) {  // another row has other options
    Tree row{Tree::Kind::map, value.where, "", {}, {}};
    row.entries.push_back({keys.back(), value.where, std::move(value)});
    merge(*place, row);
    return;
  }
  merge(*child(*place, keys.back(), assignment), value);
}

Tree load_config_file(const std::string& path) { return load_file(path, 0); }

Tree load_config_text(const std::string& text, const std::string& file, const std::string& folder) {
  return load_with_bases(text, file, folder, 0);
}

}  // namespace unet
