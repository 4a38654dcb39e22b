#include "data/dataset/layouts/via.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/dataset/layouts/outlines.h"
#include "data/files/json_file.h"

namespace unet {
namespace {

/// Class of all regions where none has an attribute.
constexpr const char* kViaClass = "object";

struct ViaFile {
  std::string path;
  nlohmann::json json;
};

/// The images of a file, each an object with a file name and regions: a project has them under a key.
std::vector<JsonValue> image_items(const ViaFile& file, const AnnotationSet& set) {
  JsonValue root(file.json, set.path(file.path) + ":");
  if (root.has("_via_img_metadata")) root = root.at("_via_img_metadata");
  std::vector<JsonValue> items;
  for (const auto& [key, item] : root.entries()) items.push_back(item);
  return items;
}

/// Regions are a list, and in old files an object with numbers as keys.
std::vector<JsonValue> region_items(const JsonValue& image) {
  if (!image.has("regions")) return {};
  const JsonValue regions = image.at("regions");
  if (regions.is_array()) return regions.items();
  std::vector<JsonValue> items;
  for (const auto& [key, item] : regions.entries()) items.push_back(item);
  return items;
}

/// Text of an attribute: that of a text field, or the one box that is ticked. "" if there is none.
std::string attribute_text(const JsonValue& value) {
  if (!value.is_object()) return value.is_text() || value.is_number() ? value.id() : "";
  std::vector<std::string> ticked;
  for (const auto& [name, item] : value.entries())
    if (item.is_true()) ticked.push_back(name);
  return ticked.size() == 1 ? ticked[0] : "";
}

/// Attributes of a region that have a value.
std::map<std::string, std::string> attributes_of(const JsonValue& region) {
  std::map<std::string, std::string> attributes;
  if (!region.has("region_attributes")) return attributes;
  for (const auto& [name, value] : region.at("region_attributes").entries())
    if (const std::string text = attribute_text(value); !text.empty()) attributes.emplace(name, text);
  return attributes;
}

/// Number of regions and the values of each attribute.
struct AttributeUse {
  size_t regions = 0;
  std::map<std::string, size_t> counts;
  std::map<std::string, std::set<std::string>> values;
};

AttributeUse count_attributes(const std::vector<ViaFile>& files, const AnnotationSet& set) {
  AttributeUse use;
  for (const ViaFile& file : files)
    for (const JsonValue& image : image_items(file, set))
      for (const JsonValue& region : region_items(image)) {
        ++use.regions;
        for (const auto& [name, value] : attributes_of(region)) {
          ++use.counts[name];
          use.values[name].insert(value);
        }
      }
  return use;
}

std::string values_text(const std::set<std::string>& values) { return examples({values.begin(), values.end()}); }

/// Returns the attribute that holds the class; "" if no region has one.
std::string class_attribute(const DataOptions& options, const AttributeUse& use, AnnotationSet& set) {
  std::vector<std::string> complete, all;
  for (const auto& [name, count] : use.counts) {
    all.push_back(name);
    if (count == use.regions) complete.push_back(name);
  }
  if (!options.class_attribute.empty()) {
    if (use.counts.count(options.class_attribute) == 0)
      fail(ErrorKind::config, "[data.class_attribute] got '", options.class_attribute, "', expected one of ",
           all.empty() ? "none: no region has attributes. Remove the option" : join(all));
    return options.class_attribute;
  }
  if (all.empty()) {
    if (use.regions != 0) set.decide(concat("classes: one, '", kViaClass, "', because no region has attributes"));
    return "";
  }
  const std::vector<std::string>& candidates = complete.empty() ? all : complete;
  if (candidates.size() == 1) {
    set.decide(concat("classes: the region attribute '", candidates[0], "' (",
                      values_text(use.values.at(candidates[0])), ")"));
    return candidates[0];
  }
  std::string listed;
  for (const std::string& name : candidates)
    listed += concat("\n  ", name, ": ", use.counts.at(name), " of ", use.regions, " regions, ",
                     values_text(use.values.at(name)));
  fail(ErrorKind::config, "[data.class_attribute] several region attributes may hold the class. Choose one: --set ",
       "'data.class_attribute=", candidates[0], "'. Found:", listed);
}

/// Outline of a region; empty for one that encloses no area.
Outline read_region(const JsonValue& shape, const std::string& type) {
  const auto number = [&](const char* key) { return shape.at(key).number(); };
  const auto checked = [&](const Outline& outline) {
    std::vector<double> numbers;
    for (const cv::Point2d& point : outline) numbers.insert(numbers.end(), {point.x, point.y});
    return outline_of(numbers, shape.place());
  };
  if (type == "polygon")
    return outline_of(shape.at("all_points_x").numbers(), shape.at("all_points_y").numbers(), shape.place());
  if (type == "rect") {
    const cv::Point2d corner(number("x"), number("y"));
    return checked(rectangle_outline(corner, {corner.x + number("width"), corner.y + number("height")}));
  }
  if (type == "circle") return checked(ellipse_outline({number("cx"), number("cy")}, {number("r"), number("r")}));
  if (type == "ellipse") {
    constexpr double kDegrees = 57.29577951308232;
    const double angle = shape.has("theta") ? number("theta") * kDegrees : 0;
    return checked(ellipse_outline({number("cx"), number("cy")}, {number("rx"), number("ry")}, angle));
  }
  if (type == "polyline" || type == "point") return {};
  shape.at("name").refuse("polygon, rect, circle, ellipse, polyline or point");
}

/// Returns the shapes of an image; empty if a region has no class.
std::optional<std::vector<LabeledShape>> read_regions(const JsonValue& item, const std::string& attribute,
                                                      AnnotationSet& set) {
  std::vector<LabeledShape> shapes;
  for (const JsonValue& region : region_items(item)) {
    const JsonValue shape = region.at("shape_attributes");
    const std::string type = shape.at("name").text();
    Outline outline = read_region(shape, type);
    if (!has_area(outline)) {
      set.leave_out("regions that enclose no area (" + type + ")");
      continue;
    }
    const std::map<std::string, std::string> attributes = attributes_of(region);
    const auto name = attributes.find(attribute);
    if (!attribute.empty() && name == attributes.end()) return std::nullopt;
    const size_t number = set.classes().add(attribute.empty() ? kViaClass : name->second);
    shapes.push_back({static_cast<int64_t>(number), {std::move(outline)}});
  }
  return shapes;
}

std::optional<Part> part_of_via(const std::string& path) {
  if (const std::optional<Part> part = part_in_name(stem_of(path))) return part;
  return part_in_name(std::filesystem::path(folder_of(path)).filename().string());
}

void add_via(const ViaFile& file, const std::string& attribute, AnnotationSet& set) {
  const std::optional<Part> part = part_of_via(file.path);
  for (const JsonValue& item : image_items(file, set)) {
    const std::string name = item.at("filename").text();
    const std::optional<std::string> found = set.find_image(name, file.path, part);
    if (!found) continue;
    std::optional<std::vector<LabeledShape>> shapes = read_regions(item, attribute, set);
    if (shapes)
      set.add({*found, file.path, name, std::move(*shapes), {}, false, part});
    else
      set.report_unusable(file.path, *found, "a region without the attribute '" + attribute + "', expected one value",
                          "region without a class");
  }
}

std::string expects_via(const DataOptions&) {
  return "a project or annotation file of VIA 2 (JSON) with images near it";
}

bool matches_via(const DataOptions& options) { return has_annotations(options, AnnotationKind::via); }

SampleList list_via(const DataOptions& options) {
  AnnotationSet set(options);
  set.classes().sort();
  const std::vector<std::string> paths = annotation_files(options, AnnotationKind::via);
  std::vector<ViaFile> files;
  for (const std::string& path : paths) files.push_back({path, read_json(set.path(path))});
  const std::string attribute = class_attribute(options, count_attributes(files, set), set);
  for (const ViaFile& file : files) add_via(file, attribute, set);
  set.report_unlabeled(false, "");
  return set.finish("VIA, " + examples(paths));
}

}  // namespace

const DatasetLayout kVia{"via", expects_via, matches_via, list_via};

}  // namespace unet
