#include "data/dataset/layouts/cvat.h"

#include <algorithm>
#include <cmath>
#include <pugixml.hpp>

#include "configs/schema/error.h"
#include "data/dataset/layouts/annotation_set.h"
#include "data/dataset/layouts/outlines.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

/// An XML file that is read with the line of each element for messages.
struct CvatFile {
  std::string path;  ///< relative
  std::string place;
  std::vector<std::ptrdiff_t> line_ends;
  pugi::xml_document document;
};

/// Number of the line at an offset, from 1.
std::string line_at(const CvatFile& file, std::ptrdiff_t offset) {
  const auto line = std::lower_bound(file.line_ends.begin(), file.line_ends.end(), offset) - file.line_ends.begin();
  return std::to_string(line + 1);
}

/// "FILE:LINE <polygon>".
std::string place_of(const CvatFile& file, const pugi::xml_node& node) {
  return file.place + ":" + line_at(file, node.offset_debug()) + " <" + node.name() + ">";
}

void parse_cvat(CvatFile& file) {
  const std::string text = read_file(file.place);
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 1))
    file.line_ends.push_back(static_cast<std::ptrdiff_t>(end));
  const pugi::xml_parse_result result = file.document.load_buffer(text.data(), text.size());
  if (!result)
    fail(ErrorKind::data, file.place, ":", line_at(file, result.offset), ": not valid XML: ", result.description(),
         ". Export the file again");
}

const char* text_attribute(const CvatFile& file, const pugi::xml_node& node, const char* name) {
  const pugi::xml_attribute attribute = node.attribute(name);
  if (attribute.empty()) fail(ErrorKind::data, place_of(file, node), ": no attribute '", name, "', expected one");
  return attribute.value();
}

double number_attribute(const CvatFile& file, const pugi::xml_node& node, const char* name) {
  const std::string place = place_of(file, node) + " " + name;
  const std::vector<double> numbers = read_numbers(text_attribute(file, node, name), "", place);
  if (numbers.size() != 1) fail(ErrorKind::data, place, ": got ", numbers.size(), " numbers, expected one");
  return numbers[0];
}

int pixels_attribute(const CvatFile& file, const pugi::xml_node& node, const char* name) {
  const double value = number_attribute(file, node, name);
  if (!(value >= 0 && value <= 1 << 28) || value != std::floor(value))
    fail(ErrorKind::data, place_of(file, node), " ", name, ": got ", value, ", expected pixels");
  return static_cast<int>(value);
}

double rotation_of(const CvatFile& file, const pugi::xml_node& node) {
  return node.attribute("rotation").empty() ? 0 : number_attribute(file, node, "rotation");
}

/// Outlines of a shape; none for one that encloses no area.
std::vector<Outline> read_cvat_shape(const CvatFile& file, const pugi::xml_node& node) {
  const std::string type = node.name(), place = place_of(file, node);
  const auto number = [&](const char* name) { return number_attribute(file, node, name); };
  const auto checked = [&](const Outline& outline) {
    std::vector<double> numbers;
    for (const cv::Point2d& point : outline) numbers.insert(numbers.end(), {point.x, point.y});
    return outline_of(numbers, place);
  };
  if (type == "polygon") {
    Outline outline = outline_of(read_numbers(text_attribute(file, node, "points"), ",;", place), place);
    return has_area(outline) ? std::vector<Outline>{std::move(outline)} : std::vector<Outline>{};
  }
  if (type == "box")
    return {checked(
        rectangle_outline({number("xtl"), number("ytl")}, {number("xbr"), number("ybr")}, rotation_of(file, node)))};
  if (type == "ellipse")
    return {
        checked(ellipse_outline({number("cx"), number("cy")}, {number("rx"), number("ry")}, rotation_of(file, node)))};
  if (type != "mask") return {};
  const cv::Size box(pixels_attribute(file, node, "width"), pixels_attribute(file, node, "height"));
  const cv::Point corner(pixels_attribute(file, node, "left"), pixels_attribute(file, node, "top"));
  return run_outlines(read_numbers(text_attribute(file, node, "rle"), ",", place), corner, box, place);
}

struct LayeredShape {
  double z_order = 0;
  LabeledShape shape;
};

/// Returns the shapes of an image from the lowest to the highest.
std::vector<LabeledShape> read_cvat_shapes(const CvatFile& file, const pugi::xml_node& image, AnnotationSet& set) {
  std::vector<LayeredShape> layers;
  for (const pugi::xml_node& node : image.children()) {
    const std::string type = node.name();
    if (type == "tag" || node.type() != pugi::node_element) continue;
    if (type == "polyline")
      fail(ErrorKind::data, place_of(file, node), ": a line encloses no area, expected polygons, boxes, ellipses or ",
           "masks. Draw the areas, or remove the lines");
    std::vector<Outline> outlines = read_cvat_shape(file, node);
    if (outlines.empty()) {
      set.leave_out("shapes that enclose no area (" + type + ")");
      continue;
    }
    const size_t number = set.classes().add(text_attribute(file, node, "label"));
    const double z_order = node.attribute("z_order").empty() ? 0 : number_attribute(file, node, "z_order");
    layers.push_back({z_order, {static_cast<int64_t>(number), std::move(outlines)}});
  }
  std::stable_sort(layers.begin(), layers.end(),
                   [](const LayeredShape& a, const LayeredShape& b) { return a.z_order < b.z_order; });
  std::vector<LabeledShape> shapes;
  for (LayeredShape& layer : layers) shapes.push_back(std::move(layer.shape));
  return shapes;
}

/// Adds the labels that a task, job or project declares, with their colors, in its order.
void add_labels(const pugi::xml_node& root, AnnotationSet& set) {
  for (const pugi::xml_node& owner : root.child("meta").children())
    for (const pugi::xml_node& label : owner.child("labels").children("label")) {
      const std::string name = label.child_value("name"), color = label.child_value("color");
      const bool is_color = color.size() == 7 && parse_label_key(color).has_value();
      if (!name.empty()) set.classes().add(name, is_color ? color : "");
    }
}

std::optional<Part> part_of_image(const CvatFile& file, const pugi::xml_node& image) {
  if (const std::optional<Part> part = part_in_name(image.attribute("subset").value())) return part;
  return part_in_name(stem_of(file.path));
}

void add_cvat(const CvatFile& file, AnnotationSet& set) {
  const pugi::xml_node root = file.document.child("annotations");
  if (root.child("track"))
    fail(ErrorKind::data, file.place,
         ": got tracks of CVAT for video, expected images. Export the task as 'CVAT for "
         "images 1.1' with its images");
  add_labels(root, set);
  for (const pugi::xml_node& image : root.children("image")) {
    const std::string name = text_attribute(file, image, "name");
    const std::optional<Part> part = part_of_image(file, image);
    const std::optional<std::string> found = set.find_image(name, file.path, part);
    if (!found) continue;
    AnnotatedImage annotated{*found, file.path, name};
    annotated.size = {pixels_attribute(file, image, "width"), pixels_attribute(file, image, "height")};
    annotated.part = part;
    try {
      annotated.shapes = read_cvat_shapes(file, image, set);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      set.report_unreadable(file.path, error);
      continue;
    }
    set.add(std::move(annotated));
  }
}

std::string expects_cvat(const DataOptions&) { return "annotations.xml of CVAT for images 1.1 with images near it"; }

bool matches_cvat(const DataOptions& options) { return has_annotations(options, AnnotationKind::cvat); }

SampleList list_cvat(const DataOptions& options) {
  AnnotationSet set(options);
  const std::vector<std::string> paths = annotation_files(options, AnnotationKind::cvat);
  for (const std::string& path : paths) {
    CvatFile file;
    file.path = path;
    file.place = set.path(path);
    parse_cvat(file);
    add_cvat(file, set);
  }
  set.report_unlabeled(false, "");
  return set.finish("CVAT, " + examples(paths));
}

}  // namespace

const DatasetLayout kCvat{"cvat", expects_cvat, matches_cvat, list_cvat};

}  // namespace unet
