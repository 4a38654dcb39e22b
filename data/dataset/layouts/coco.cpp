#include "data/dataset/layouts/coco.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/dataset/layouts/outlines.h"
#include "data/files/json_file.h"

namespace unet {
namespace {

/// Value of a crowd region while a file is read; other values are category ids.
constexpr int64_t kCrowd = -1;

struct CocoImage {
  std::string name;  ///< "" until the image itself was read
  cv::Size size;
  std::vector<LabeledShape> shapes;
  size_t boxes = 0;  ///< annotations without outlines
};

struct CocoCategory {
  std::string name, supercategory, color;
  bool is_used = false;
};

/// One annotation file. Images, annotations and categories may come in any order.
struct CocoFile {
  std::map<std::string, CocoImage> images;  ///< by id
  std::vector<std::string> order;           ///< ids in the order of the file
  std::map<int64_t, CocoCategory> categories;
  size_t crowds = 0, small = 0;
};

cv::Size size_of(const JsonValue& item) {
  constexpr int64_t kMaxSide = 1 << 28;
  if (!item.has("width") || !item.has("height")) return {};
  const int64_t width = item.at("width").integer(), height = item.at("height").integer();
  if (width < 0 || width > kMaxSide) item.at("width").refuse("pixels");
  if (height < 0 || height > kMaxSide) item.at("height").refuse("pixels");
  return {static_cast<int>(width), static_cast<int>(height)};
}

void read_image_item(const JsonValue& item, CocoFile& file) {
  const std::string id = item.at("id").id();
  CocoImage& image = file.images[id];
  if (!image.name.empty()) fail(ErrorKind::data, item.place(), ": image id ", id, " is used twice");
  image.name = item.at("file_name").text();
  if (image.name.empty()) item.at("file_name").refuse("the name of an image");
  image.size = size_of(item);
  file.order.push_back(id);
}

/// "#rrggbb" of a list of three numbers, as panoptic files have them; "" for anything else.
std::string color_of(const JsonValue& item) {
  if (!item.has("color") || !item.at("color").is_array()) return "";
  const std::vector<double> parts = item.at("color").numbers();
  if (parts.size() != 3) return "";
  int64_t color = kFirstColor;
  for (size_t i = 0; i < 3; ++i) {
    if (!(parts[i] >= 0 && parts[i] <= 255)) return "";
    color += static_cast<int64_t>(parts[i]) << (16 - 8 * i);
  }
  return label_value_text(color);
}

void read_category_item(const JsonValue& item, CocoFile& file) {
  const JsonValue id = item.at("id");
  if (id.integer() < 0) id.refuse("at least 0");
  CocoCategory& category = file.categories[id.integer()];
  if (!category.name.empty()) fail(ErrorKind::data, item.place(), ": category id ", id.integer(), " is used twice");
  category.name = item.at("name").id();
  if (category.name.empty()) item.at("name").refuse("a name");
  if (item.has("supercategory") && item.at("supercategory").is_text())
    category.supercategory = item.at("supercategory").text();
  category.color = color_of(item);
}

RunLengths read_runs(const JsonValue& segmentation) {
  const std::vector<double> size = segmentation.at("size").numbers();
  const auto is_side = [](double side) { return side >= 0 && side <= 1 << 28; };
  if (size.size() != 2 || !is_side(size[0]) || !is_side(size[1])) segmentation.at("size").refuse("[height, width]");
  RunLengths runs{static_cast<int>(size[0]), static_cast<int>(size[1]), {}};
  const JsonValue counts = segmentation.at("counts");
  if (counts.is_text()) {
    runs.counts = decode_runs(counts.text(), counts.place());
    return runs;
  }
  for (const double count : counts.numbers()) {
    if (!(count >= 0 && count <= 1 << 28)) counts.refuse("numbers of pixels");
    runs.counts.push_back(static_cast<uint32_t>(count));
  }
  return runs;
}

/// Adds the outlines of an annotation, which together are one object: where they overlap, there is no hole.
void read_outlines(const JsonValue& segmentation, int64_t value, CocoFile& file, CocoImage& image) {
  const std::vector<JsonValue> items = segmentation.items();
  std::vector<JsonValue> outlines = items;
  if (!items.empty() && items[0].is_number()) outlines = {segmentation};  // some tools leave out the inner list
  for (const JsonValue& item : outlines) {
    Outline outline = outline_of(item.numbers(), item.place());
    if (has_area(outline))
      image.shapes.push_back({value, {std::move(outline)}});
    else
      ++file.small;
  }
}

void read_annotation_item(const JsonValue& item, CocoFile& file) {
  if (item.has("segments_info"))
    fail(ErrorKind::data, item.place(),
         ": got panoptic annotations, whose masks are PNG files, expected objects with a ",
         "segmentation. Use the file of instances");
  CocoImage& image = file.images[item.at("image_id").id()];
  if (!item.has("category_id")) item.refuse("an annotation with category_id and segmentation");
  const bool is_crowd = item.has("iscrowd") && (item.at("iscrowd").is_true() ||
                                                (item.at("iscrowd").is_number() && item.at("iscrowd").number() != 0));
  const int64_t id = item.at("category_id").integer();
  if (id < 0) item.at("category_id").refuse("at least 0");
  file.crowds += is_crowd ? 1 : 0;
  const int64_t value = is_crowd ? kCrowd : id;
  if (!item.has("segmentation") || (item.at("segmentation").is_array() && item.at("segmentation").items().empty())) {
    ++image.boxes;
  } else if (const JsonValue segmentation = item.at("segmentation"); segmentation.is_object()) {
    image.shapes.push_back({value, {}, read_runs(segmentation)});
  } else {
    read_outlines(segmentation, value, file, image);
  }
}

CocoFile read_coco(const std::string& path) {
  CocoFile file;
  read_json_items(path, [&](const std::string& key, const JsonValue& item) {
    if (key == "images") read_image_item(item, file);
    if (key == "categories") read_category_item(item, file);
    if (key == "annotations") read_annotation_item(item, file);
  });
  for (auto& [id, image] : file.images)
    for (const LabeledShape& shape : image.shapes) {
      if (shape.value == kCrowd) continue;
      const auto category = file.categories.find(shape.value);
      if (category == file.categories.end())
        fail(ErrorKind::data, path, ": an annotation of image id ", id, " has category_id ", shape.value,
             ", expected one of the ", file.categories.size(), " ids in 'categories'");
      category->second.is_used = true;
    }
  return file;
}

/// Roboflow lists the name of the project as a category that nothing has, of which the others are kinds.
bool is_heading(const CocoCategory& category, const CocoFile& file) {
  return !category.is_used && std::any_of(file.categories.begin(), file.categories.end(), [&](const auto& other) {
    return &other.second != &category && other.second.supercategory == category.name;
  });
}

std::map<int64_t, size_t> add_categories(const CocoFile& file, AnnotationSet& set) {
  std::map<int64_t, size_t> numbers;
  for (const auto& [id, category] : file.categories) {
    if (is_heading(category, file))
      set.leave_out("categories that only head others (" + category.name + ")");
    else
      numbers[id] = set.classes().add(category.name, category.color);
  }
  if (file.crowds != 0) numbers[kCrowd] = set.classes().add(kIgnoreName);
  return numbers;
}

void add_images(CocoFile& file, const std::string& path, std::optional<Part> part, AnnotationSet& set) {
  const std::map<int64_t, size_t> numbers = add_categories(file, set);
  for (const std::string& id : file.order) {
    CocoImage& image = file.images[id];
    const std::optional<std::string> found = set.find_image(image.name, path, part);
    if (!found) continue;
    if (image.boxes != 0) {
      set.report_unusable(path, *found,
                          concat(image.boxes, " objects have a box only, expected outlines or masks in ",
                                 "'segmentation'. Export segmentations"),
                          "boxes only");
      continue;
    }
    // A crowd region covers objects that have outlines of their own.
    std::stable_partition(image.shapes.begin(), image.shapes.end(),
                          [](const LabeledShape& shape) { return shape.value == kCrowd; });
    for (LabeledShape& shape : image.shapes) shape.value = static_cast<int64_t>(numbers.at(shape.value));
    set.add({*found, path, image.name, std::move(image.shapes), image.size, false, part});
  }
}

void report_left_out(const CocoFile& file, const std::string& path, AnnotationSet& set) {
  std::vector<std::string> unknown;
  size_t annotations = 0;
  for (const auto& [id, image] : file.images) {
    if (!image.name.empty()) continue;
    unknown.push_back(id);
    annotations += image.shapes.size() + image.boxes;
  }
  if (!unknown.empty())
    set.report_orphan(set.path(path),
                      concat(annotations, " shapes belong to ", unknown.size(), " image ids that 'images' lacks (",
                             examples(unknown), ")"),
                      "unknown image ids");
  for (size_t i = 0; i < file.small; ++i) set.leave_out("outlines of fewer than 3 points");
  if (file.crowds != 0) set.decide(concat("ignored: ", file.crowds, " crowd regions (iscrowd) in ", path));
}

/// COCO itself has files of instances, captions, keypoints and stuff for the same images.
std::vector<std::string> coco_files(const DataOptions& options) {
  std::vector<std::string> files = annotation_files(options, AnnotationKind::coco), instances;
  const auto is_instances = [](const std::string& path) { return stem_of(path).rfind("instances", 0) == 0; };
  std::copy_if(files.begin(), files.end(), std::back_inserter(instances), is_instances);
  return instances.empty() ? files : instances;
}

std::optional<Part> part_of_file(const std::string& path) {
  if (const std::optional<Part> part = part_in_name(stem_of(path))) return part;
  return part_in_name(std::filesystem::path(folder_of(path)).filename().string());
}

std::string expects_coco(const DataOptions&) {
  return "a COCO annotation file (JSON) with images beside it or near it";
}

bool matches_coco(const DataOptions& options) { return has_annotations(options, AnnotationKind::coco); }

SampleList list_coco(const DataOptions& options) {
  AnnotationSet set(options);
  const std::vector<std::string> files = coco_files(options);
  for (const std::string& path : files) {
    CocoFile file = read_coco(set.path(path));
    add_images(file, path, part_of_file(path), set);
    report_left_out(file, path, set);
  }
  set.report_unlabeled(false, "");
  return set.finish("COCO, " + examples(files));
}

}  // namespace

const DatasetLayout kCoco{"coco", expects_coco, matches_coco, list_coco};

}  // namespace unet
