#include <filesystem>

#include "configs/schema/error.h"
#include "data/convert/output_format.h"
#include "data/dataset/class_colors.h"
#include "data/dataset/label_files.h"
#include "data/images/png_writer.h"

namespace unet {
namespace {

constexpr const char* kClassFile = "class_dict.csv";

/// Images and masks as files of equal names. A palette shows the masks in the colors of the classes.
class FoldersWriter : public DatasetWriter {
 public:
  FoldersWriter(const ConversionPlan& plan, const std::string& folder) : plan_(plan), folder_(folder) {
    for (const std::string& color : plan.classes.colors) palette_.push_back(parse_color(color));
    if (!plan.classes.has_ignored) return;
    palette_.resize(256, cv::Vec3b(0, 0, 0));
    palette_.back() = ignored_color();
  }

  void write(const SampleToWrite& sample, WrittenSample& written) const override {
    const std::string part = plan_.part_folder(sample.planned);
    write_stored_image(sample, folder_, part + "images/" + sample.planned.name, written);
    write_below(folder_, part + "masks/" + sample.planned.name + ".png", encode_png(sample.values, palette_));
  }

  std::vector<std::string> finish() override {
    std::string text = "name,r,g,b\n";
    const auto add = [&](const std::string& name, const cv::Vec3b& color) {
      text += concat(name, ',', int{color[0]}, ',', int{color[1]}, ',', int{color[2]}, '\n');
    };
    for (size_t label = 0; label < plan_.classes.names.size(); ++label)
      add(plan_.classes.names[label], palette_[label]);
    if (plan_.classes.has_ignored) add("void", palette_.back());
    write_below(folder_, kClassFile, text);
    if (reads_back()) return {};
    std::filesystem::remove(std::filesystem::path(folder_) / kClassFile);
    return {concat("no ", kClassFile, ": it cannot hold these names and colors of classes, so train with config.yaml")};
  }

 private:
  /// A color that no class has, white if possible.
  cv::Vec3b ignored_color() const {
    cv::Vec3b color(255, 255, 255);
    const auto is_taken = [&] {
      for (const std::string& text : plan_.classes.colors)
        if (parse_color(text) == color) return true;
      return false;
    };
    while (is_taken()) --color[2];
    return color;
  }

  /// Whether the list of classes means the same when it is read without config.yaml.
  bool reads_back() const {
    const PlannedClasses& classes = plan_.classes;
    LabelEvidence evidence;
    for (size_t label = 0; label < classes.names.size(); ++label) {
      const auto value = static_cast<int64_t>(label);
      evidence.counts[value] = 1;
      evidence.palette.emplace(value, palette_[label]);
    }
    if (classes.has_ignored) {
      evidence.counts[classes.ignored_value] = 1;
      evidence.palette.emplace(classes.ignored_value, palette_.back());
    }
    try {
      const ClassList list = read_class_list((std::filesystem::path(folder_) / kClassFile).string());
      const std::optional<LabelMeaning> meaning = meaning_of(list, evidence);
      return meaning && meaning->class_names == classes.names && meaning->class_colors == classes.colors &&
             meaning->ignore_values.empty() != classes.has_ignored;
    } catch (const Error&) {
      return false;
    }
  }

  const ConversionPlan& plan_;
  const std::string& folder_;
  std::vector<cv::Vec3b> palette_;
};

std::unique_ptr<DatasetWriter> make_folders_writer(const ConversionPlan& plan, const std::string& folder) {
  return std::make_unique<FoldersWriter>(plan, folder);
}

FormatTraits folders_traits() {
  FormatTraits traits;
  traits.may_be_undivided = true;
  traits.starts_at_background = false;
  return traits;
}

}  // namespace

const OutputFormat kFoldersOutput{kFoldersFormat, folders_traits(), make_folders_writer};

}  // namespace unet
