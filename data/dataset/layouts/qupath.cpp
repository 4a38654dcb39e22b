#include "data/dataset/layouts/qupath.h"

#include <filesystem>

#include "configs/schema/error.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/dataset/layouts/outlines.h"
#include "data/files/json_file.h"

namespace unet {
namespace {

constexpr const char* kUnnamedClass = "object";
constexpr const char* kUnclassified = "unclassified";

/// What QuPath calls regions that are not to be used.
constexpr const char* kQupathIgnore = "Ignore*";

struct QupathShape {
  std::string name, color;                     ///< "" without a classification
  std::vector<std::vector<Outline>> polygons;  ///< each an outline and its holes
};

std::vector<Outline> read_polygon(const JsonValue& coordinates) {
  std::vector<Outline> rings;
  for (const JsonValue& ring : coordinates.items()) {
    std::vector<double> numbers;
    for (const JsonValue& point : ring.items()) {
      const std::vector<double> pair = point.numbers();
      if (pair.size() < 2) point.refuse("[x, y]");
      numbers.insert(numbers.end(), {pair[0], pair[1]});
    }
    rings.push_back(outline_of(numbers, ring.place()));
  }
  return rings;
}

/// "#rrggbb" of [r, g, b], or of a packed number in old files; "" for anything else.
std::string color_text(const JsonValue& classification) {
  int64_t color = 0;
  if (classification.has("color") && classification.at("color").is_array()) {
    const std::vector<double> parts = classification.at("color").numbers();
    if (parts.size() != 3) return "";
    for (const double part : parts) {
      if (!(part >= 0 && part <= 255)) return "";
      color = color * 256 + static_cast<int64_t>(part);
    }
  } else if (classification.has("colorRGB")) {
    color = classification.at("colorRGB").integer() & 0xFFFFFF;
  } else {
    return "";
  }
  return label_value_text(kFirstColor + color);
}

void read_class(const JsonValue& feature, QupathShape& shape) {
  if (!feature.has("properties") || !feature.at("properties").has("classification")) return;
  const JsonValue classification = feature.at("properties").at("classification");
  shape.color = color_text(classification);
  if (classification.has("name")) shape.name = classification.at("name").text();
  if (!classification.has("names")) return;
  for (const JsonValue& name : classification.at("names").items())
    shape.name += (shape.name.empty() ? "" : ": ") + name.text();
}

void read_feature(const JsonValue& feature, std::vector<QupathShape>& shapes, AnnotationSet& set) {
  if (!feature.has("geometry")) feature.refuse("a feature with a geometry");
  const JsonValue geometry = feature.at("geometry");
  const std::string type = geometry.at("type").text();
  QupathShape shape;
  read_class(feature, shape);
  if (type == "Polygon") {
    shape.polygons.push_back(read_polygon(geometry.at("coordinates")));
  } else if (type == "MultiPolygon") {
    for (const JsonValue& polygon : geometry.at("coordinates").items()) shape.polygons.push_back(read_polygon(polygon));
  } else {
    set.leave_out("features that enclose no area (" + type + ")");
    return;
  }
  shapes.push_back(std::move(shape));
}

struct QupathFile {
  std::string path, image;
  std::vector<QupathShape> shapes;
};

/// Reads a feature collection, or a list of features.
void read_qupath(QupathFile& file, AnnotationSet& set) {
  const nlohmann::json json = read_json(set.path(file.path));
  JsonValue root(json, set.path(file.path) + ":");
  if (root.has("features")) root = root.at("features");
  for (const JsonValue& feature : root.items()) read_feature(feature, file.shapes, set);
}

/// Files are called a.geojson, a.tif.geojson or a.json for a.tif.
std::optional<std::string> image_of_file(const std::string& path, AnnotationSet& set) {
  const std::string name = std::filesystem::path(path).stem().string();
  for (const std::string& stem : {name, stem_of(name)})
    if (const auto found = set.images().find_stem(stem, folder_of(path)); found.size() == 1) return found[0];
  return set.find_image(name, path);
}

void add_qupath(QupathFile& file, bool has_classes, AnnotationSet& set) {
  std::vector<LabeledShape> shapes;
  for (QupathShape& shape : file.shapes) {
    std::string name = shape.name == kQupathIgnore ? kIgnoreName : shape.name;
    if (name.empty()) name = has_classes ? kUnclassified : kUnnamedClass;
    const size_t number = set.classes().add(name, shape.color);
    for (std::vector<Outline>& polygon : shape.polygons)
      shapes.push_back({static_cast<int64_t>(number), std::move(polygon)});
  }
  set.add({file.image, file.path, "", std::move(shapes)});
}

std::string expects_qupath(const DataOptions&) { return "images, each with a GeoJSON file of QuPath"; }

bool matches_qupath(const DataOptions& options) { return has_annotations(options, AnnotationKind::geojson); }

SampleList list_qupath(const DataOptions& options) {
  AnnotationSet set(options);
  set.classes().sort();
  std::vector<QupathFile> files;
  size_t classified = 0, unclassified = 0;
  for (const std::string& path : annotation_files(options, AnnotationKind::geojson)) {
    const std::optional<std::string> image = image_of_file(path, set);
    if (!image) continue;
    QupathFile file{path, *image, {}};
    try {
      read_qupath(file, set);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      set.report_unreadable(path, error);
      continue;
    }
    for (const QupathShape& shape : file.shapes) ++(shape.name.empty() ? unclassified : classified);
    files.push_back(std::move(file));
  }
  if (unclassified != 0)
    set.decide(concat("classes: ", unclassified, " features have no classification; their class is '",
                      classified != 0 ? kUnclassified : kUnnamedClass, "'"));
  for (QupathFile& file : files) add_qupath(file, classified != 0, set);
  set.report_unlabeled(true, "NAME.geojson");
  return set.finish(concat("QuPath, ", files.size(), " GeoJSON files"));
}

}  // namespace

const DatasetLayout kQupath{"qupath", expects_qupath, matches_qupath, list_qupath};

}  // namespace unet
