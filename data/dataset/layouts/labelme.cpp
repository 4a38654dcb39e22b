#include "data/dataset/layouts/labelme.h"

#include <cmath>

#include "configs/schema/error.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/dataset/layouts/outlines.h"
#include "data/files/json_file.h"

namespace unet {
namespace {

constexpr const char* kLabelsFile = "labels.txt";

/// Outline of a shape; empty for one that encloses no area.
Outline read_shape(const JsonValue& shape, const std::string& type) {
  std::vector<double> numbers;
  for (const JsonValue& point : shape.at("points").items()) {
    const std::vector<double> pair = point.numbers();
    if (pair.size() != 2) point.refuse("[x, y]");
    numbers.insert(numbers.end(), pair.begin(), pair.end());
  }
  Outline points = outline_of(numbers, shape.at("points").place());
  if (type == "polygon") return points;
  if (type != "rectangle" && type != "circle" && type != "oriented_rectangle") return {};
  if (type == "oriented_rectangle") return points;
  if (points.size() != 2) shape.at("points").refuse("two points of a " + type);
  if (type == "rectangle") return rectangle_outline(points[0], points[1]);
  const double radius = std::hypot(points[1].x - points[0].x, points[1].y - points[0].y);
  return ellipse_outline(points[0], {radius, radius});
}

void read_shapes(const JsonValue& root, bool has_list, AnnotatedImage& image, AnnotationSet& set) {
  for (const JsonValue& shape : root.at("shapes").items()) {
    const std::string label = shape.at("label").text();
    const std::string type = shape.has("shape_type") ? shape.at("shape_type").text() : "polygon";
    if (type == "mask")
      fail(ErrorKind::data, shape.place(),
           ": got a shape of type mask, expected polygons. In labelme, choose AI-Polygon ",
           "rather than AI-Mask, or write masks with labelme_export_json and use these");
    Outline outline = read_shape(shape, type);
    if (!has_area(outline)) {
      set.leave_out("shapes that enclose no area (" + type + ")");
      continue;
    }
    if (has_list && !set.classes().has(label) && label != kIgnoreName)
      fail(ErrorKind::data, shape.place(), ": got the label '", label, "', expected one of ", kLabelsFile,
           ". Add it there, or remove that file");
    image.shapes.push_back({static_cast<int64_t>(set.classes().add(label)), {std::move(outline)}});
  }
}

/// Returns the image that a file belongs to: the one that it names, else the one with its stem.
std::optional<std::string> image_of(const JsonValue& root, const std::string& file, AnnotationSet& set) {
  const std::vector<std::string> same_stem = set.images().find_stem(stem_of(file), folder_of(file));
  const std::string name = root.has("imagePath") ? root.at("imagePath").text() : "";
  if (!name.empty() && !set.images().find(name, folder_of(file)).empty()) return set.find_image(name, file);
  if (same_stem.size() == 1) return same_stem[0];
  return set.find_image(name.empty() ? stem_of(file) + ".*" : name, file);
}

void read_labelme(const std::string& file, bool has_list, AnnotationSet& set) {
  const nlohmann::json json = read_json(set.path(file));
  const JsonValue root(json, set.path(file) + ":");
  const std::optional<std::string> found = image_of(root, file, set);
  if (!found) return;
  AnnotatedImage image{*found, file, ""};
  if (root.has("imageWidth") && root.has("imageHeight")) {
    const double width = root.at("imageWidth").number(), height = root.at("imageHeight").number();
    const auto is_side = [](double side) { return side >= 0 && side <= 1 << 28; };
    if (!is_side(width)) root.at("imageWidth").refuse("pixels");
    if (!is_side(height)) root.at("imageHeight").refuse("pixels");
    image.size = {static_cast<int>(width), static_cast<int>(height)};
  }
  read_shapes(root, has_list, image, set);
  set.add(std::move(image));
}

std::string expects_labelme(const DataOptions&) { return "images, each with a JSON file of labelme"; }

bool matches_labelme(const DataOptions& options) { return has_annotations(options, AnnotationKind::labelme); }

SampleList list_labelme(const DataOptions& options) {
  AnnotationSet set(options);
  bool has_list = false;
  try {
    for (const std::string& label : read_names(set.path(kLabelsFile))) set.classes().add(label);
    has_list = true;
    set.decide(std::string("classes: in the order of ") + kLabelsFile);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::missing_input) throw;
    set.classes().sort();
  }
  const std::vector<std::string> files = annotation_files(options, AnnotationKind::labelme);
  for (const std::string& file : files) {
    try {
      read_labelme(file, has_list, set);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      set.report_unreadable(file, error);
    }
  }
  set.report_unlabeled(true, "NAME.json");
  return set.finish(concat("labelme, ", files.size(), " JSON files"));
}

}  // namespace

const DatasetLayout kLabelme{"labelme", expects_labelme, matches_labelme, list_labelme};

}  // namespace unet
