#include <filesystem>
#include <nlohmann/json.hpp>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/convert/objects.h"
#include "data/dataset/layouts/annotation_set.h"

namespace unet {
namespace {

std::string labelme_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string labelme_points(const std::vector<cv::Point>& points) {
  std::string text;
  for (const cv::Point& point : points)
    text += (text.empty() ? "[" : ",[") + std::to_string(point.x) + ',' + std::to_string(point.y) + ']';
  return "[" + text + "]";
}

/// A JSON file beside each image. An object is one polygon along the edges of its pixels; slits without width lead to
/// its holes, which labelme's shapes do not have.
class LabelmeWriter : public DatasetWriter {
 public:
  LabelmeWriter(const ConversionPlan& plan, const std::string& folder) : plan_(plan), folder_(folder) {}

  void write(const SampleToWrite& sample, WrittenSample& written) const override {
    const std::string path = plan_.part_folder(sample.planned) + sample.planned.name;
    write_stored_image(sample, folder_, path, written);
    std::string shapes;
    for (const Region& region : find_objects(plan_, sample, true).items) {
      shapes += concat(shapes.empty() ? "" : ",", "\n{\"label\":", labelme_text(label_of(sample.values, region)),
                       ",\"points\":", labelme_points(joined_border(region)),
                       ",\"group_id\":null,\"shape_type\":\"polygon\",\"flags\":{}}");
      ++(region.borders.size() == 1 ? written.exact_outlines : written.masks);
    }
    const std::string image = std::filesystem::path(written.image).filename().string();
    write_below(folder_, path + ".json",
                concat("{\"version\":\"5.0.1\",\"flags\":{},\"imagePath\":", labelme_text(image),
                       ",\"imageData\":null,\"imageHeight\":", sample.values.rows,
                       ",\"imageWidth\":", sample.values.cols, ",\"shapes\":[", shapes, "]}\n"));
  }

  void append(const PlannedSample& /*planned*/, const WrittenSample& written) override {
    outlines_ += written.exact_outlines;
    with_holes_ += written.masks;
  }

  std::vector<std::string> finish() override {
    std::string labels = plan_.classes.has_ignored ? std::string(kIgnoreName) + "\n" : "";
    for (size_t label = 0; label < plan_.classes.names.size(); ++label)
      labels += (plan_.classes.value_of(label) == 0 ? "_background_" : plan_.classes.names[label]) + "\n";
    write_below(folder_, "labels.txt", labels);
    return {concat("objects: ", counted(outlines_ + with_holes_, "polygon"), ", ", with_holes_,
                   " of them with slits to holes",
                   plan_.classes.has_ignored ? concat("; ignored pixels have the label ", kIgnoreName) : "")};
  }

 private:
  std::string label_of(const cv::Mat& values, const Region& region) const {
    const int64_t value = values.at<uint8_t>(region.first);
    if (value == plan_.classes.ignored_value) return kIgnoreName;
    return plan_.classes.names[static_cast<size_t>(value - plan_.classes.first_value)];
  }

  const ConversionPlan& plan_;
  const std::string& folder_;
  size_t outlines_ = 0, with_holes_ = 0;
};

std::unique_ptr<DatasetWriter> make_labelme_writer(const ConversionPlan& plan, const std::string& folder) {
  return std::make_unique<LabelmeWriter>(plan, folder);
}

}  // namespace

const OutputFormat kLabelmeOutput{kLabelmeFormat, FormatTraits(), make_labelme_writer};

}  // namespace unet
