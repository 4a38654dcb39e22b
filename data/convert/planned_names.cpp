#include "data/convert/planned_names.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "configs/schema/text.h"
#include "data/dataset/layouts/annotation_files.h"
#include "data/dataset/layouts/usual_names.h"

namespace unet {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

bool is_usual_folder(const std::string& name) {
  return kind_of_folder(name) || part_of_folder(name) || part_in_name(name);
}

/// Replaces bytes beyond ASCII in text that is not UTF-8.
std::string in_utf8(std::string text) {
  if (!is_utf8(text))
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '_');
  return text;
}

/// A folder or file name that the program lists; "" for one that leads elsewhere.
std::string storable_component(std::string name) {
  if (name == "." || name == "..") return "";
  std::replace_if(name.begin(), name.end(), is_control, '_');
  for (const char* left_by_systems : {"__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"})
    if (name == left_by_systems) return "_" + name;
  return !name.empty() && name[0] == '.' ? "_" + name : name;
}

}  // namespace

size_t common_heading(const std::vector<std::string>& names) {
  size_t begin = 0;
  while (!names.empty()) {
    const size_t slash = names[0].find('/', begin);
    if (slash == std::string::npos || !is_usual_folder(names[0].substr(begin, slash - begin))) break;
    const std::string heading = names[0].substr(0, slash + 1);
    const bool is_common =
        std::all_of(names.begin(), names.end(), [&](const std::string& name) { return name.rfind(heading, 0) == 0; });
    if (!is_common) break;
    begin = slash + 1;
  }
  return begin;
}

bool begins_with_part(const std::string& path) {
  const size_t slash = path.find('/');
  return slash != std::string::npos && part_of_folder(path.substr(0, slash)).has_value();
}

std::string storable_path(const std::string& name) {
  std::string path;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('/', begin), name.size());
    const std::string component = storable_component(name.substr(begin, end - begin));
    if (!component.empty()) path += (path.empty() ? "" : "/") + component;
    begin = end + 1;
  }
  return path.empty() ? "image" : path;
}

std::string flat_name(const std::string& path) {
  std::string name = path;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

std::string storable_name(const std::string& name) {
  constexpr size_t kMaxBytes = 200;
  std::string flat = in_utf8(flat_name(storable_path(name)));
  std::replace(flat.begin(), flat.end(), '\\', '_');  // a slash in paths of annotation files
  if (flat.size() <= kMaxBytes) return flat;
  size_t begin = flat.size() - kMaxBytes;
  while (begin < flat.size() && is_inside_character(flat[begin])) ++begin;
  return flat.substr(begin);
}

std::string one_line(const std::string& text) {
  std::string line = in_utf8(text);
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return trimmed(line);
}

}  // namespace unet
