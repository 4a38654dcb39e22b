#include "data/dataset/label_files.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/files/folder.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

std::vector<std::string> split_fields(const std::string& line, const std::string& separators, bool joins_repeated) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (separators.find(c) == std::string::npos)
      fields.back() += c;
    else if (!joins_repeated || !fields.back().empty())
      fields.emplace_back();
  }
  return fields;
}

constexpr const char* kBlanks = " \t\r\"";

std::optional<uint8_t> color_level(const std::string& text) {
  const std::string digits = trimmed(text, kBlanks);
  if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const int level = std::stoi(digits);
  return level <= 255 ? std::optional<uint8_t>(static_cast<uint8_t>(level)) : std::nullopt;
}

/// Reads three color levels that begin at `fields[first]`.
std::optional<cv::Vec3b> color_at(const std::vector<std::string>& fields, size_t first) {
  if (fields.size() < first + 3) return std::nullopt;
  cv::Vec3b color;
  for (int i = 0; i < 3; ++i) {
    const std::optional<uint8_t> level = color_level(fields[first + static_cast<size_t>(i)]);
    if (!level) return std::nullopt;
    color[i] = *level;
  }
  return color;
}

std::optional<ClassList::Class> parse_class(const std::string& line) {
  const std::vector<std::string> parts = split_fields(line, ":", false);
  if (parts.size() >= 2)
    if (const auto color = color_at(split_fields(parts[1], ",", false), 0))
      return {{trimmed(parts[0], kBlanks), *color}};
  const std::vector<std::string> columns = split_fields(line, ",;", false);
  if (const auto color = color_at(columns, 1)) return {{trimmed(columns[0], kBlanks), *color}};
  const std::vector<std::string> words = split_fields(trimmed(line, kBlanks), " \t", true);
  if (words.size() < 4) return std::nullopt;
  const auto color = color_at(words, 0), last = color_at(words, words.size() - 3);
  if (!color && !last) return std::nullopt;
  const size_t begin = color ? 3 : 0, end = color ? words.size() : words.size() - 3;
  std::string name = words[begin];
  for (size_t i = begin + 1; i < end; ++i) name += " " + words[i];
  return {{trimmed(name, kBlanks), color ? *color : *last}};
}

std::vector<std::string> lines_of(const std::string& path) {
  constexpr size_t kMaxBytes = 1 << 20;
  const std::string text = read_file(path);
  if (text.size() > kMaxBytes)
    fail(ErrorKind::data, path, ": got ", text.size(), " bytes, expected a list of classes with a line for each");
  return text_lines(text);
}

bool is_void_name(const std::string& name) {
  const std::string lower = lower_case(name);
  for (const char* known : {"void", "ignore", "ignored", "unlabeled", "unlabelled"})
    if (lower == known) return true;
  return false;
}

int64_t value_of_color(const cv::Vec3b& color) { return color_value(color[0], color[1], color[2]); }

/// The values that stand for the classes of a list, in its order; empty for a class without one.
using ClassValues = std::vector<std::optional<int64_t>>;

LabelMeaning meaning_with(const ClassList& list, const ClassValues& values) {
  LabelMeaning meaning;
  for (size_t i = 0; i < list.classes.size(); ++i) {
    const ClassList::Class& each = list.classes[i];
    if (!values[i]) continue;
    if (is_void_name(each.name)) {
      meaning.ignore_values.emplace_back(*values[i]);
      continue;
    }
    meaning.labels.emplace(*values[i], static_cast<int64_t>(meaning.class_names.size()));
    meaning.class_names.push_back(each.name);
    meaning.class_colors.push_back(label_value_text(value_of_color(each.color)));
  }
  return meaning;
}

/// Whether the values found are those of the list. Of colors, a part may be missing in the list: these are reported as
/// values without a class.
bool cover(const ClassValues& values, const LabelEvidence& evidence) {
  constexpr double kMinShare = 0.5;
  int64_t listed = 0, pixels = 0;
  bool are_rest_void = true;
  for (const auto& [value, count] : evidence.counts) {
    const bool is_listed = std::find(values.begin(), values.end(), value) != values.end();
    listed += is_listed ? 1 : 0;
    pixels += is_listed ? count : 0;
    are_rest_void = are_rest_void && (is_listed || may_be_void(value));
  }
  if (listed < 2) return false;
  if (!evidence.has_colors()) return are_rest_void;
  const bool is_complete = listed == static_cast<int64_t>(evidence.counts.size());
  return is_complete || (evidence.lossy == 0 && share_of(pixels, evidence.pixels) >= kMinShare);
}

ClassValues class_values(const ClassList& list, const std::function<std::optional<int64_t>(size_t)>& value_at) {
  ClassValues values;
  for (size_t i = 0; i < list.classes.size(); ++i) values.push_back(value_at(i));
  return values;
}

std::optional<int64_t> palette_index(const LabelEvidence& evidence, const cv::Vec3b& color) {
  for (const auto& [index, known] : evidence.palette)
    if (known == color) return index;
  return std::nullopt;
}

/// Numbers the classes that no mask shows by their lines, if those that masks show are numbered so. Void may come after
/// all of them.
void keep_absent_classes(const ClassList& list, ClassValues& values) {
  const auto count = static_cast<int64_t>(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const bool is_last_void = values[i] && is_void_name(list.classes[i].name) && *values[i] >= count;
    if (values[i] && *values[i] != static_cast<int64_t>(i) && !is_last_void) return;
  }
  for (size_t i = 0; i < values.size(); ++i)
    if (!values[i] && !is_void_name(list.classes[i].name)) values[i] = static_cast<int64_t>(i);
}

std::optional<int64_t> gray_value(const cv::Vec3b& color) {
  if (color[0] != color[1] || color[1] != color[2]) return std::nullopt;
  return int64_t{color[0]};
}

}  // namespace

ClassList read_class_list(const std::string& path) {
  constexpr size_t kMaxListed = 256;
  ClassList list;
  list.path = path;
  std::set<int64_t> colors;
  const std::vector<std::string> lines = lines_of(path);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line = trimmed(lines[i], kBlanks);
    if (line.empty() || line[0] == '#') continue;
    const std::optional<ClassList::Class> found = parse_class(lines[i]);
    if (!found && list.classes.empty()) continue;  // a header
    if (!found)
      fail(ErrorKind::data, path, ":", i + 1, ": got '", line.substr(0, 80),
           "', expected a class as name:r,g,b:: or name,r,g,b or r g b name. Correct the line, or remove the file");
    if (!colors.insert(value_of_color(found->color)).second)
      fail(ErrorKind::data, path, ":", i + 1, ": the color ", label_value_text(value_of_color(found->color)),
           " of this class is that of an earlier one; expected another color for each class. Correct the line, or ",
           "remove the file");
    list.classes.push_back(*found);
    if (list.classes.size() > kMaxListed)
      fail(ErrorKind::data, path, ": got more than ", kMaxListed, " classes. Remove those that are not in the masks");
  }
  if (list.classes.empty())
    fail(ErrorKind::data, path, ": got no class, expected lines name:r,g,b:: or name,r,g,b or r g b name. Correct ",
         "the file, or remove it");
  return list;
}

std::optional<ClassList> find_class_list(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    if (!is_folder(folder)) continue;
    const std::vector<std::string> names = list_folder(folder);
    for (const char* known :
         {"labelmap.txt", "class_dict.csv", "class_dict_seg.csv", "label_colors.txt", "labels_colors.txt"})
      for (const std::string& name : names)
        if (lower_case(name) == known) return read_class_list((std::filesystem::path(folder) / name).string());
  }
  return std::nullopt;
}

std::optional<LabelMeaning> meaning_of(const ClassList& list, const LabelEvidence& evidence) {
  const auto color_of = [&](size_t i) { return list.classes[i].color; };
  std::vector<ClassValues> readings;
  if (evidence.has_colors()) {
    readings.push_back(class_values(list, [&](size_t i) { return value_of_color(color_of(i)); }));
  } else if (!evidence.palette.empty()) {
    readings.push_back(class_values(list, [&](size_t i) { return palette_index(evidence, color_of(i)); }));
    keep_absent_classes(list, readings.back());
  } else {
    readings.push_back(class_values(list, [&](size_t i) { return gray_value(color_of(i)); }));
    readings.push_back(class_values(list, [](size_t i) { return static_cast<int64_t>(i); }));
  }
  for (const ClassValues& values : readings) {
    if (!cover(values, evidence)) continue;
    LabelMeaning meaning = meaning_with(list, values);
    if (meaning.labels.size() >= 2) return meaning;
  }
  return std::nullopt;
}

}  // namespace unet
