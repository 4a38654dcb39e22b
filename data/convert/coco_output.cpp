// Source: https://cocodataset.org/#format-data

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/convert/objects.h"
#include "data/dataset/class_colors.h"
#include "data/files/atomic_file.h"

namespace unet {
namespace {

using CocoJson = nlohmann::ordered_json;

std::string coco_runs(const cv::Mat& numbers, int number, const cv::Rect& box) {
  std::string counts;
  for (const uint32_t run : run_lengths(numbers, number, box))
    counts += (counts.empty() ? "" : ",") + std::to_string(run);
  return concat("{\"size\":[", numbers.rows, ',', numbers.cols, "],\"counts\":[", counts, "]}");
}

/// An annotation without its beginning, the ids.
std::string coco_object(int64_t category, bool is_crowd, int64_t pixels, const cv::Rect& box,
                        const std::string& segmentation) {
  return concat("\"category_id\":", category, ",\"iscrowd\":", is_crowd ? 1 : 0, ",\"area\":", pixels, ",\"bbox\":[",
                box.x, ',', box.y, ',', box.width, ',', box.height, "],\"segmentation\":", segmentation, '}');
}

/// Folders of images for each part, and one annotation file for each. Objects without holes are polygons along the
/// edges of their pixels, others run-length masks, so that both give the same pixels again.
class CocoWriter : public DatasetWriter {
 public:
  CocoWriter(const ConversionPlan& plan, const std::string& folder) : plan_(plan), folder_(folder) {
    for (const Part part : {kTrain, kVal, kTest})
      if (plan.images[part] > 0) write_below(folder, file_of(part), heading());
  }

  void write(const SampleToWrite& sample, WrittenSample& written) const override {
    write_stored_image(sample, folder_, plan_.part_folder(sample.planned) + sample.planned.name, written);
    const Regions regions = find_objects(plan_, sample, false);
    for (size_t i = 0; i < regions.items.size(); ++i) {
      const Region& region = regions.items[i];
      const bool is_outline = region.borders.size() == 1;
      written.objects.push_back(coco_object(sample.values.at<uint8_t>(region.first), false, region.pixels, region.box,
                                            is_outline
                                                ? "[" + flat_points(region.borders[0]) + "]"
                                                : coco_runs(regions.numbers, static_cast<int>(i + 1), region.box)));
      ++(is_outline ? written.exact_outlines : written.masks);
    }
    add_ignored(sample.values, written);
    written.item = concat("\"file_name\":", CocoJson(sample.planned.name + extension_of(written)).dump(),
                          ",\"width\":", sample.values.cols, ",\"height\":", sample.values.rows, '}');
  }

  void append(const PlannedSample& planned, const WrittenSample& written) override {
    PartFile& file = files_[planned.part];
    const size_t image = ++file.image_count;
    file.images += concat(image == 1 ? "" : ",", "\n{\"id\":", image, ',', written.item);
    std::string text;
    for (const std::string& object : written.objects) {
      text += concat(file.object_count == 0 ? "" : ",", "\n{\"id\":", file.object_count + 1, ",\"image_id\":", image,
                     ',', object);
      ++file.object_count;
    }
    if (!text.empty()) append_to_file(path_of(planned.part), text);
    outlines_ += written.exact_outlines;
    masks_ += written.masks;
  }

  std::vector<std::string> finish() override {
    for (const Part part : {kTrain, kVal, kTest})
      if (plan_.images[part] > 0) append_to_file(path_of(part), "\n],\n\"images\":[" + files_[part].images + "\n]}\n");
    return {concat("objects: ", counted(outlines_, "polygon"), ", ", counted(masks_, "run-length mask"),
                   " for objects with holes", plan_.classes.has_ignored ? "; ignored pixels are crowd regions" : "")};
  }

 private:
  struct PartFile {
    std::string images;
    size_t image_count = 0, object_count = 0;
  };

  static std::string file_of(Part part) { return concat("annotations/instances_", kPartNames[part], ".json"); }
  std::string path_of(Part part) const { return folder_ + "/" + file_of(part); }

  static std::string extension_of(const WrittenSample& written) {
    return std::filesystem::path(written.image).extension().string();
  }

  /// The beginning of a file, up to its annotations.
  std::string heading() const {
    CocoJson categories = CocoJson::array();
    const PlannedClasses& classes = plan_.classes;
    for (size_t label = 0; label < classes.names.size(); ++label) {
      if (classes.value_of(label) == 0) continue;
      const cv::Vec3b color = parse_color(classes.colors[label]);
      categories.push_back({{"id", classes.value_of(label)},
                            {"name", classes.names[label]},
                            {"supercategory", ""},
                            {"color", {color[0], color[1], color[2]}}});
    }
    return "{\"info\":{\"description\":\"written by unet convert\"},\n\"categories\":" +
           categories.dump(-1, ' ', false, CocoJson::error_handler_t::replace) + ",\n\"annotations\":[";
  }

  /// Adds the ignored pixels as one crowd region, which must have some category.
  void add_ignored(const cv::Mat& values, WrittenSample& written) const {
    const cv::Mat is_ignored = values == static_cast<double>(plan_.classes.ignored_value);
    const int pixels = cv::countNonZero(is_ignored);
    if (pixels == 0) return;
    cv::Mat numbers;
    is_ignored.convertTo(numbers, CV_32S);
    const cv::Rect image({}, values.size());
    constexpr int kSet = 255;
    written.objects.push_back(coco_object(1, true, pixels, image, coco_runs(numbers, kSet, image)));
  }

  const ConversionPlan& plan_;
  const std::string& folder_;
  std::array<PartFile, kPartCount> files_;
  size_t outlines_ = 0, masks_ = 0;
};

std::unique_ptr<DatasetWriter> make_coco_writer(const ConversionPlan& plan, const std::string& folder) {
  return std::make_unique<CocoWriter>(plan, folder);
}

FormatTraits coco_traits() {
  FormatTraits traits;
  traits.has_subfolders = false;
  return traits;
}

}  // namespace

const OutputFormat kCocoOutput{kCocoFormat, coco_traits(), make_coco_writer};

}  // namespace unet
