#include "data/dataset/layouts/label_tables.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>
#include <sstream>

#include "configs/schema/error.h"
#include "data/files/folder.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

constexpr const char* kTableNames[] = {"label_colors.txt", "class_dict.csv", "class_dict_seg.csv", "labelmap.txt"};

struct ColorRow {
  std::string name;
  int64_t color;
};

/// The path of the table, "" without one; case does not count.
std::string table_path(const std::string& folder) {
  for (const std::string& name : list_folder(folder)) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const char* known : kTableNames)
      if (lower == known) return (std::filesystem::path(folder) / name).string();
  }
  return "";
}

/// The words of a line, divided by spaces, commas, semicolons and colons.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    const bool divides = c == ',' || c == ';' || c == ':' || std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!divides)
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::optional<uint8_t> byte_of(const std::string& word) {
  int value = -1;
  const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || rest != word.data() + word.size() || value < 0 || value > 255) return std::nullopt;
  return static_cast<uint8_t>(value);
}

/// A row in either order, "R G B NAME" or "NAME R G B"; nothing for a line that is none.
std::optional<ColorRow> color_row(const std::vector<std::string>& words) {
  for (size_t first = 0; first + 3 <= words.size(); ++first) {
    const auto red = byte_of(words[first]), green = byte_of(words[first + 1]), blue = byte_of(words[first + 2]);
    if (!red || !green || !blue) continue;
    std::string name;
    // The name stands before the color, else behind it; what CVAT has behind the color is not part of it.
    const size_t begin = first > 0 ? 0 : 3, end = first > 0 ? first : words.size();
    for (size_t i = begin; i < end; ++i) name += (name.empty() ? "" : " ") + words[i];
    return ColorRow{name, color_value(*red, *green, *blue)};
  }
  return std::nullopt;
}

bool is_ignored_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* known : {"void", "unlabeled", "unlabelled", "ignore", "ignored"})
    if (name == known) return true;
  return false;
}

}  // namespace

LabelMeaning read_label_table(const std::string& folder) {
  LabelMeaning meaning;
  const std::string path = table_path(folder);
  if (path.empty()) return meaning;
  std::istringstream lines(read_file(path));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || words[0][0] == '#') continue;
    const std::optional<ColorRow> row = color_row(words);
    if (!row || row->name.empty()) {
      if (meaning.labels.empty() && meaning.ignore_values.empty()) continue;  // a heading
      fail(ErrorKind::data, path, " line ", number, ": got '", line,
           "', expected a name and its color. Correct it, or ", "set data.labels");
    }
    const bool is_known = meaning.labels.count(row->color) != 0 ||
                          std::count(meaning.ignore_values.begin(), meaning.ignore_values.end(), row->color) != 0;
    if (is_known)
      fail(ErrorKind::data, path, " line ", number, ": the color ", label_value_text(row->color),
           " is given twice. Correct ", "it, or set data.labels");
    if (is_ignored_name(row->name)) {
      meaning.ignore_values.emplace_back(row->color);
      continue;
    }
    meaning.labels.emplace(row->color, static_cast<int64_t>(meaning.class_names.size()));
    meaning.class_names.push_back(row->name);
    meaning.class_colors.push_back(label_value_text(row->color));
  }
  return meaning;
}

bool has_color_masks(const std::vector<SampleRef>& samples) {
  constexpr size_t kMasksTried = 8;
  for (size_t i = 0; i < std::min(kMasksTried, samples.size()); ++i) {
    const auto* const mask = std::get_if<MaskFile>(&samples[i].labels);
    if (!mask) return false;
    try {
      if (read_mask(mask->path, samples[i].reading).values.channels() == 3) return true;
    } catch (const Error&) {
      continue;  // the scan reports it
    }
  }
  return false;
}

}  // namespace unet
