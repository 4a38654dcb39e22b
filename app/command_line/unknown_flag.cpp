#include "app/command_line/unknown_flag.h"

#include <algorithm>

#include "configs/schema/presets.h"
#include "configs/schema/shell_text.h"
#include "configs/schema/suggest.h"
#include "configs/schema/text.h"
#include "configs/schema/tree.h"

namespace unet {
namespace {

/// The flag and its value in "--lr=1e-3"; the value is "" without one.
struct FlagText {
  explicit FlagText(const std::string& argument) {
    const size_t begin = argument.find_first_not_of('-');
    const size_t equals = argument.find('=');
    flag = argument.substr(0, equals);
    name = begin == std::string::npos ? "" : flag.substr(std::min(begin, flag.size()));
    has_value = equals != std::string::npos;
    if (has_value) value = argument.substr(equals + 1);
  }
  std::string flag, name, value;
  bool has_value = false;
};

void collect_paths(const Tree& tree, const std::string& prefix, std::vector<std::string>& paths) {
  for (const Tree::Entry& entry : tree.entries) {
    const std::string path = prefix.empty() ? entry.key : prefix + "." + entry.key;
    if (!prefix.empty()) paths.push_back(path);
    if (entry.value.kind == Tree::Kind::map) collect_paths(entry.value, path, paths);
  }
}

/// Key paths of the options, those at the top of a section first. Taken from the preset that lists all of them, since
/// this program does without the libraries whose options they are.
std::vector<std::string> option_keys() {
  std::vector<std::string> paths;
  if (const Preset* preset = find_preset("default")) collect_paths(parse_yaml(preset->text, preset->name), "", paths);
  std::stable_sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    return std::count(a.begin(), a.end(), '.') < std::count(b.begin(), b.end(), '.');
  });
  return paths;
}

/// The option that a name means: a key path, its last part, or what another tool calls it; "" for none. `loosely`:
/// also where letters differ.
std::string option_of(const std::string& name, const std::vector<std::string>& keys, bool loosely) {
  for (const std::string& key : keys)
    if (folded_name(key) == folded_name(name)) return key;
  const std::string near = nearest_name(name, keys);
  if (near.empty() || loosely) return near;
  for (const std::string& key : keys)  // nearest_name also finds names that only resemble
    if (folded_name(key.substr(key.rfind('.') + 1)) == folded_name(name)) return key;
  return is_synonym(name) ? near : "";
}

bool is_flag(const std::string& argument) { return argument.size() > 1 && argument[0] == '-'; }

/// The flags that a flag with one letter may stand for: those that begin with it.
std::vector<std::string> flags_by_letter(const std::vector<std::string>& flags, char letter) {
  std::vector<std::string> found;
  for (const std::string& flag : flags)
    if (flag.size() > 2 && flag[2] == letter) found.push_back(flag);
  return found;
}

/// Options that `--set` of the command takes.
std::vector<std::string> settable_keys(const UnknownFlags& unknown) {
  if (std::find(unknown.flags.begin(), unknown.flags.end(), "--set") == unknown.flags.end()) return {};
  std::vector<std::string> keys = option_keys();
  if (unknown.command == "evaluate")
    keys.erase(
        std::remove_if(keys.begin(), keys.end(), [](const std::string& key) { return key.rfind("data.", 0) != 0; }),
        keys.end());
  return keys;
}

/// The command line with settings in place of the flags that name an option, and of their values.
std::string corrected(const UnknownFlags& unknown, const std::vector<std::string>& keys) {
  const auto& positions = unknown.positions;
  std::string line = "unet";
  for (size_t i = 0; i < unknown.arguments.size(); ++i) {
    const FlagText text(unknown.arguments[i]);
    const bool is_unknown = std::find(positions.begin(), positions.end(), i) != positions.end();
    const std::string option = is_unknown ? option_of(text.name, keys, false) : "";
    if (option.empty()) {
      line += " " + shell_text(unknown.arguments[i]);
      continue;
    }
    std::string value = text.value;
    if (!text.has_value) {
      const bool follows = i + 1 < unknown.arguments.size() && !is_flag(unknown.arguments[i + 1]);
      value = follows ? unknown.arguments[++i] : "VALUE";
    }
    line += " --set " + shell_text(option + "=" + value);
  }
  return line;
}

}  // namespace

std::string unknown_flag_text(const UnknownFlags& unknown) {
  const FlagText text(unknown.arguments.at(unknown.positions.at(0)));
  const std::string owner = unknown.command.empty() ? "unet" : "unet " + unknown.command;
  const std::string start = "no flag " + text.flag + " in " + owner;
  const auto keys = settable_keys(unknown);
  if (const std::string option = option_of(text.name, keys, false); !option.empty())
    return start + "; " + option + " is an option of the config. Type:\n  " + corrected(unknown, keys);
  if (text.name.size() == 1) {
    const auto found = flags_by_letter(unknown.flags, text.name[0]);
    if (!found.empty()) return start + ". Did you mean " + join(found, " or ") + "?";
  }
  std::vector<std::string> names;
  for (const std::string& flag : unknown.flags) names.push_back(flag.substr(flag.find_first_not_of('-')));
  if (const std::string near = nearest_name(text.name, names); !near.empty())
    return start + ". Did you mean --" + near + "?";
  if (const std::string option = option_of(text.name, keys, true); !option.empty())
    return start + ". Did you mean --set " + option + "=VALUE? All options: unet config --defaults";
  return start + ". Its flags: " + join(unknown.flags) + ". Help: " + owner + " --help";
}

}  // namespace unet
