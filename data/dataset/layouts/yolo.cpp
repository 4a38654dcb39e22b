#include "data/dataset/layouts/yolo.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "configs/schema/tree.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/dataset/layouts/outlines.h"
#include "data/files/folder.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kImagesFolder = "images";
constexpr const char* kLabelsFolder = "labels";
constexpr int64_t kMaxClassIndex = 10000;  ///< beyond this, a line is damaged

/// What data.yaml says; empty where it does not.
struct YoloConfig {
  std::string file;
  std::vector<std::string> names;
  std::map<std::string, Part> folders;  ///< of images, relative to the data set
};

/// Replaces the last folder `from` of a path by `to`; empty if the path has no such folder.
std::optional<std::string> with_folder(const std::string& path, const std::string& from, const std::string& to) {
  const std::string padded = "/" + path, wanted = "/" + from + "/";
  const size_t position = padded.rfind(wanted);
  if (position == std::string::npos) return std::nullopt;
  return (padded.substr(0, position + 1) + to + "/" + padded.substr(position + wanted.size())).substr(1);
}

/// Name of the label file that an image has.
std::string label_path(const std::string& image) {
  const std::string file = with_folder(image, kImagesFolder, kLabelsFolder).value_or(image);
  return fs::path(file).replace_extension(".txt").generic_string();
}

/// Whether a file begins with a line of an object: a class and at least four numbers.
bool begins_with_object(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  for (int i = 0; i < 10 && std::getline(file, line); ++i) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      return read_numbers(line, "", "").size() >= 5;
    } catch (const Error&) {
      return false;
    }
  }
  return false;
}

/// Name of the config in the data set's folder: a YAML file with `names`; "" if there is none.
std::string config_file(const DataOptions& options) {
  std::vector<std::string> found;
  for (const std::string& name : list_folder(options.dir)) {
    const std::string extension = fs::path(name).extension().string();
    if (extension != ".yaml" && extension != ".yml") continue;
    std::ifstream file(fs::path(options.dir) / name);
    for (std::string line; std::getline(file, line);)
      if (line.rfind("names:", 0) == 0) {
        found.push_back(name);
        break;
      }
  }
  const auto usual = std::find(found.begin(), found.end(), "data.yaml");
  return found.empty() ? "" : usual != found.end() ? *usual : found[0];
}

std::vector<std::string> scalars_of(const Tree& tree) {
  std::vector<std::string> texts;
  if (tree.kind == Tree::Kind::scalar) texts.push_back(tree.scalar);
  for (const Tree& item : tree.items) texts.push_back(item.scalar);
  return texts;
}

/// Names by index, of a list or of a map with indices as keys.
std::vector<std::string> names_of(const Tree& names) {
  if (names.kind != Tree::Kind::map) return scalars_of(names);
  std::vector<std::string> list;
  for (const Tree::Entry& entry : names.entries) {
    const std::vector<double> index = read_numbers(entry.key, "", entry.where.text());
    if (index.size() != 1 || !(index[0] >= 0 && index[0] <= kMaxClassIndex))
      fail(ErrorKind::data, entry.where.text(), ": got the key '", entry.key, "', expected the index of a class");
    list.resize(std::max(list.size(), static_cast<size_t>(index[0]) + 1));
    list[static_cast<size_t>(index[0])] = entry.value.scalar;
  }
  return list;
}

/// Finds a folder of images in the data set: exporters write paths from other folders and of other machines.
std::optional<std::string> find_image_folder(const DataOptions& options, const std::string& root,
                                             const std::string& name) {
  std::string inner = path_below("", name);
  while (inner.rfind("../", 0) == 0) inner.erase(0, 3);
  std::vector<std::string> guesses{path_below(root, name), path_below("", name), inner};
  for (size_t slash = inner.find('/'); slash != std::string::npos; slash = inner.find('/', slash + 1))
    guesses.push_back(inner.substr(slash + 1));
  for (std::string guess : guesses) {
    while (!guess.empty() && guess.back() == '/') guess.pop_back();
    if (guess.empty() || guess.front() == '/' || guess.rfind("..", 0) == 0) continue;
    if (is_folder((fs::path(options.dir) / guess).string())) return guess;
  }
  return std::nullopt;
}

YoloConfig read_config(const DataOptions& options, AnnotationSet& set) {
  YoloConfig config;
  config.file = config_file(options);
  if (config.file.empty()) return config;
  const std::string path = set.path(config.file);
  Tree tree;
  try {
    tree = parse_yaml(read_file(path), path);
  } catch (const Error& error) {
    fail(error.kind() == ErrorKind::config ? ErrorKind::data : error.kind(), error.what());
  }
  if (const Tree* names = tree.find("names")) config.names = names_of(*names);
  const Tree* root = tree.find("path");
  for (const Part part : {kTrain, kVal, kTest}) {
    const Tree* folders = tree.find(kPartNames[part]);
    if (folders == nullptr && part == kVal) folders = tree.find("valid");
    if (folders == nullptr) continue;
    for (const std::string& name : scalars_of(*folders))
      if (const auto found = find_image_folder(options, root == nullptr ? "" : root->scalar, name))
        config.folders.emplace(*found, part);
  }
  return config;
}

std::optional<Part> configured_part(const YoloConfig& config, const std::string& image) {
  std::optional<Part> part;
  size_t longest = 0;
  for (const auto& [folder, of_folder] : config.folders) {
    if (image.rfind(folder + "/", 0) != 0 || folder.size() < longest) continue;
    longest = folder.size();
    part = of_folder;
  }
  return part;
}

/// Reads the names of classes.txt, which labelImg writes; empty if there is none.
std::vector<std::string> listed_names(const std::set<std::string>& texts, const AnnotationSet& set) {
  std::vector<std::string> names;
  for (const char* file : {"classes.txt", "labels/classes.txt"})
    if (names.empty() && texts.count(file) != 0) names = read_names(set.path(file));
  return names;
}

/// Reads the objects of a label file; their values are class indices.
std::vector<LabeledShape> read_label_file(const std::string& path, size_t names) {
  constexpr double kMaxFraction = 2;  // tools write coordinates slightly outside of the image
  std::vector<LabeledShape> shapes;
  size_t number = 0, boxes = 0, objects = 0;
  for (const std::string& line : text_lines(read_file(path))) {
    const std::string place = concat(path, ":", ++number);
    std::vector<double> numbers = read_numbers(line, "", place);
    if (numbers.empty()) continue;
    ++objects;
    const double index = numbers[0];
    if (!(index >= 0 && index <= kMaxClassIndex) || index != std::floor(index))
      fail(ErrorKind::data, place, ": got ", index, ", expected the index of a class");
    if (names != 0 && index >= static_cast<double>(names))
      fail(ErrorKind::data, place, ": got class ", index, ", expected one of the ", names, " names, from 0");
    numbers.erase(numbers.begin());
    if (numbers.size() == 4) {
      ++boxes;
      continue;
    }
    if (std::any_of(numbers.begin(), numbers.end(), [&](double value) { return !(std::abs(value) <= kMaxFraction); }))
      fail(ErrorKind::data, place, ": got coordinates beyond 1, expected fractions of the image's width and height");
    Outline outline = outline_of(numbers, place);
    if (!has_area(outline)) fail(ErrorKind::data, place, ": got ", outline.size(), " points, expected at least 3");
    shapes.push_back({static_cast<int64_t>(index), {std::move(outline)}});
  }
  if (boxes != 0)
    fail(ErrorKind::data, path, ": ", boxes, " of ", objects, " objects are boxes (class, center, size), expected ",
         "outlines (class x1 y1 x2 y2 x3 y3 ...). Export the data set for segmentation");
  return shapes;
}

/// Paths of all text files of the data set.
std::set<std::string> text_files(const DataOptions& options) {
  std::set<std::string> files;
  for (const TreeFile& file : list_tree(options.dir))
    if (fs::path(file.name).extension() == ".txt") files.insert(file.folder + file.name);
  return files;
}

bool is_in_labels(const std::string& path) { return with_folder(path, kLabelsFolder, "").has_value(); }

std::string expects_yolo(const DataOptions&) {
  return "images/ and labels/ with text files of Ultralytics or Roboflow, and data.yaml";
}

bool matches_yolo(const DataOptions& options) {
  constexpr int kFilesToLookAt = 50;
  if (has_mask_folders(options)) return false;
  const bool has_config = !config_file(options).empty();
  int looked = 0;
  for (const std::string& file : text_files(options)) {
    if (!has_config && !is_in_labels(file)) continue;
    if (begins_with_object((fs::path(options.dir) / file).string())) return true;
    if (++looked == kFilesToLookAt) break;
  }
  return false;
}

void add_names(const std::vector<std::string>& names, const std::vector<AnnotatedImage>& images, AnnotationSet& set,
               std::vector<size_t>& numbers) {
  int64_t largest = static_cast<int64_t>(names.size()) - 1;
  for (const AnnotatedImage& image : images)
    for (const LabeledShape& shape : image.shapes) largest = std::max(largest, shape.value);
  for (int64_t i = 0; i <= largest; ++i) {
    const bool is_named = i < static_cast<int64_t>(names.size()) && !names[static_cast<size_t>(i)].empty();
    numbers.push_back(set.classes().add(is_named ? names[static_cast<size_t>(i)] : concat("class ", i)));
  }
}

SampleList list_yolo(const DataOptions& options) {
  AnnotationSet set(options);
  const YoloConfig config = read_config(options, set);
  std::set<std::string> texts = text_files(options);
  std::vector<std::string> names = config.names;
  if (names.empty()) names = listed_names(texts, set);
  std::vector<AnnotatedImage> images;
  for (const std::string& image : set.images().paths()) {
    const std::string file = label_path(image);
    const bool has_labels = texts.erase(file) != 0;
    const std::optional<Part> part = configured_part(config, image);
    const bool is_listed = is_in_labels(file) && (part || is_folder(set.path(folder_of(file))));
    if (!has_labels && !is_listed) continue;
    AnnotatedImage annotated{image, file, "", {}, {}, true, part};
    try {
      if (has_labels) annotated.shapes = read_label_file(set.path(file), names.size());
      images.push_back(std::move(annotated));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      set.report_unreadable(file, error);
    }
  }
  for (const std::string& file : texts)
    if (is_in_labels(file) && begins_with_object(set.path(file)))
      set.report_orphan(set.path(file), "no image; looked for images/.../" + stem_of(file) + ".*", "no image");
  std::vector<size_t> numbers;
  add_names(names, images, set, numbers);
  for (AnnotatedImage& image : images) {
    for (LabeledShape& shape : image.shapes)
      shape.value = static_cast<int64_t>(numbers.at(static_cast<size_t>(shape.value)));
    set.add(std::move(image));
  }
  set.report_unlabeled(false, "");
  return set.finish(config.file.empty() ? "YOLO" : "YOLO, " + config.file);
}

}  // namespace

const DatasetLayout kYolo{"yolo", expects_yolo, matches_yolo, list_yolo};

}  // namespace unet
