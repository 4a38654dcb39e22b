#include "data/dataset/layouts/annotation_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/usual_names.h"
#include "data/files/folder.h"
#include "data/files/read_file.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBeginning = 1 << 16;  ///< bytes that tell the format of a file
constexpr size_t kFilesToLookAt = 50;   ///< in a folder, until one is an annotation file

/// Keys of the first three levels of JSON text that may break off.
struct JsonKeys {
  std::set<std::string> top, second, third;
};

JsonKeys keys_of(const std::string& text) {
  JsonKeys keys;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const size_t begin = i + 1;
    for (++i; i < text.size() && text[i] != '"'; ++i)
      if (text[i] == '\\') ++i;
    const size_t next = text.find_first_not_of(" \t\r\n", i + 1);
    if (i >= text.size() || next == std::string::npos || text[next] != ':') continue;
    if (depth >= 1 && depth <= 3)
      (depth == 1 ? keys.top : depth == 2 ? keys.second : keys.third).insert(text.substr(begin, i - begin));
  }
  return keys;
}

std::optional<AnnotationKind> json_kind(const std::string& text) {
  const JsonKeys keys = keys_of(text);
  const auto has = [](const std::set<std::string>& among, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return among.count(name) != 0; });
  };
  if (has(keys.top, {"_via_img_metadata", "_via_settings"}) ||
      (has(keys.second, {"filename"}) && has(keys.second, {"regions"})))
    return AnnotationKind::via;
  if (has(keys.top, {"features"}) || has(keys.second, {"geometry"})) return AnnotationKind::geojson;
  if (has(keys.top, {"shapes", "imageData", "imagePath"})) return AnnotationKind::labelme;
  if (has(keys.top, {"images", "annotations", "categories"}) &&
      has(keys.third, {"file_name", "image_id", "category_id", "supercategory"}))
    return AnnotationKind::coco;
  return std::nullopt;
}

/// Relative paths of the files that may hold annotations.
std::vector<std::string> candidates(const DataOptions& options) {
  if (!options.annotations.empty()) {
    if (!fs::is_regular_file(fs::path(options.dir) / options.annotations))
      fail(ErrorKind::missing_input, "[data.annotations] '", options.annotations, "': no such file in ", options.dir,
           ". Give its path from data.dir");
    return {options.annotations};
  }
  std::vector<std::string> paths;
  for (const TreeFile& file : list_tree(options.dir)) {
    const std::string extension = fs::path(file.name).extension().string();
    if (extension == ".json" || extension == ".geojson" || extension == ".xml")
      paths.push_back(file.folder + file.name);
  }
  return paths;
}

bool is_of(const DataOptions& options, const std::string& path, AnnotationKind kind) {
  return kind_of_annotations((fs::path(options.dir) / path).string()) == kind;
}

/// Number of equal names at the end of two paths.
size_t common_end(const fs::path& a, const fs::path& b) {
  size_t count = 0;
  for (auto i = a.end(), k = b.end(); i != a.begin() && k != b.begin(); ++count)
    if (*--i != *--k) return count;
  return count;
}

std::vector<size_t> all_with(const std::multimap<std::string, size_t>& index, const std::string& key) {
  std::vector<size_t> found;
  const auto [begin, end] = index.equal_range(key);
  for (auto entry = begin; entry != end; ++entry) found.push_back(entry->second);
  return found;
}

}  // namespace

std::optional<AnnotationKind> kind_of_annotations(const std::string& path) {
  const std::string text = read_beginning(path, kBeginning);
  const size_t first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first == std::string::npos) return std::nullopt;
  if (text[first] == '{' || text[first] == '[') return json_kind(text);
  if (text[first] == '<' && text.find("<annotations") != std::string::npos) return AnnotationKind::cvat;
  return std::nullopt;
}

std::vector<std::string> annotation_files(const DataOptions& options, AnnotationKind kind) {
  std::vector<std::string> files;
  for (const std::string& path : candidates(options))
    if (is_of(options, path, kind)) files.push_back(path);
  return files;
}

bool has_annotations(const DataOptions& options, AnnotationKind kind) {
  if (options.annotations.empty() && has_mask_folders(options)) return false;
  const std::vector<std::string> files = candidates(options);
  return std::any_of(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(std::min(files.size(), kFilesToLookAt)),
                     [&](const std::string& path) { return is_of(options, path, kind); });
}

bool has_mask_folders(const DataOptions& options) {
  const fs::path dir(options.dir);
  for (const fs::path& folder : {dir, dir / kPartNames[kTrain]})
    if (is_folder((folder / options.images).string()) && is_folder((folder / options.masks).string())) return true;
  return false;
}

std::optional<Part> part_in_name(const std::string& name) {
  std::set<Part> parts;
  for (const std::string& word : letter_runs(name))
    if (const auto part = part_of_folder(word)) parts.insert(*part);
  return parts.size() == 1 ? std::optional(*parts.begin()) : std::nullopt;
}

std::string path_below(const std::string& folder, const std::string& name) {
  std::string slashes = name;
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  return (fs::path(folder) / slashes).lexically_normal().generic_string();
}

std::string folder_of(const std::string& path) { return fs::path(path).parent_path().generic_string(); }

std::string stem_of(const std::string& path) { return fs::path(path).stem().string(); }

std::vector<std::string> read_names(const std::string& path) {
  std::vector<std::string> names;
  for (const std::string& line : text_lines(read_file(path)))
    if (const size_t last = line.find_last_not_of(' '); last != std::string::npos)
      names.push_back(line.substr(0, last + 1));
  return names;
}

ImageFiles::ImageFiles(const std::string& dir) {
  for (const TreeFile& file : list_tree(dir))
    if (has_image_extension(file.name)) paths_.push_back(file.folder + file.name);
  std::sort(paths_.begin(), paths_.end());
  for (size_t i = 0; i < paths_.size(); ++i) {
    by_name_.emplace(fs::path(paths_[i]).filename().string(), i);
    by_stem_.emplace(stem_of(paths_[i]), i);
  }
}

bool ImageFiles::has(const std::string& path) const { return std::binary_search(paths_.begin(), paths_.end(), path); }

std::vector<std::string> ImageFiles::find(const std::string& name, const std::string& near) const {
  for (const std::string& folder : {near, std::string()})
    if (const std::string path = path_below(folder, name); has(path)) return {path};
  const std::string wanted = path_below("", name);
  std::vector<std::string> best;
  size_t best_end = 0;
  for (const size_t i : all_with(by_name_, fs::path(wanted).filename().string())) {
    const size_t end = common_end(paths_[i], wanted);
    if (end > best_end) best.clear();
    best_end = std::max(best_end, end);
    if (end == best_end) best.push_back(paths_[i]);
  }
  if (best.size() < 2) return best;
  // Of equal names, the one of the annotation file's part or folder is meant.
  std::vector<std::string> nearer;
  for (const std::string& path : best)
    if (folder_of(path) == near || path.rfind(near + "/", 0) == 0) nearer.push_back(path);
  return nearer.empty() ? best : nearer;
}

std::vector<std::string> ImageFiles::find_stem(const std::string& stem, const std::string& near) const {
  std::vector<std::string> all, nearer;
  for (const size_t i : all_with(by_stem_, stem)) {
    all.push_back(paths_[i]);
    if (folder_of(paths_[i]) == near) nearer.push_back(paths_[i]);
  }
  return nearer.empty() ? all : nearer;
}

}  // namespace unet
