// Source: nnU-Net v2, documentation/dataset_format.md and manual_data_splits.md.

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "configs/schema/error.h"
#include "configs/schema/text.h"
#include "data/convert/output_format.h"
#include "data/convert/stored_image.h"
#include "data/dataset/channels.h"
#include "data/dataset/content_hash.h"
#include "data/images/png_writer.h"
#include "data/images/tiff_writer.h"

namespace unet {
namespace {

using NnunetJson = nlohmann::ordered_json;

std::string channel_suffix(int channel) {
  char text[16];
  std::snprintf(text, sizeof text, "_%04d", channel);
  return text;
}

/// All images have equal channels and one kind of file, as nnU-Net demands: gray or RGB in one file, else a file for
/// each channel.
class NnunetWriter : public DatasetWriter {
 public:
  NnunetWriter(const ConversionPlan& plan, const std::string& folder)
      : plan_(plan), folder_(folder), channels_(plan.source.options.channels.value()) {
    const DataScan& scan = plan.source.scan;
    for (const PlannedSample& sample : plan.samples) {
      is_tiff_ = is_tiff_ || scan.bits[sample.index] > 16 || scan.invalid[sample.index] > 0;
      if (scan.channels[sample.index] != channels_) ++converted_;
    }
    if (plan.images[kTrain] + plan.images[kVal] == 0)
      fail(ErrorKind::data, plan.source.options.dir, ": got only test images, expected images for training");
  }

  void write(const SampleToWrite& sample, WrittenSample& written) const override {
    const std::string place = sample.ref.text();
    Image image = sample.image;
    image.pixels = convert_channels(image, channels_, plan_.source.options.fourth_channel, {}, place);
    image.has_alpha = false;
    const bool is_test = sample.planned.part == kTest;
    const std::string name = (is_test ? "imagesTs/" : "imagesTr/") + sample.planned.name;
    std::vector<cv::Mat> files{image.pixels};
    if (!is_one_file()) cv::split(image.pixels, files);
    for (size_t i = 0; i < files.size(); ++i)
      write_below(folder_, name + channel_suffix(static_cast<int>(i)) + ending(),
                  encode({files[i], false, image.invalid}));
    written.image = name + channel_suffix(0) + ending();
    write_below(folder_, (is_test ? "labelsTs/" : "labelsTr/") + sample.planned.name + ending(),
                encode({sample.values, false}));
    written.image_hash = content_hash(image.pixels);
    written.mask_hash = content_hash(sample.values);
    written.reason = "one file format for all images";
  }

  std::vector<std::string> finish() override {
    write_below(folder_, "dataset.json", description().dump(2) + "\n");
    std::vector<std::string> remarks;
    if (converted_ > 0)
      remarks.push_back(concat("channels: ", converted_, " images were converted to ", channels_,
                               " channels, because nnU-Net needs the same number in all (data.channels)"));
    if (plan_.images[kVal] == 0) return remarks;
    NnunetJson folds = NnunetJson::array();
    folds[0]["train"] = names_of(kTrain);
    folds[0]["val"] = names_of(kVal);
    write_below(folder_, "splits_final.json", folds.dump(2) + "\n");
    remarks.push_back(
        "splits_final.json holds the validation images; copy it to nnU-Net's folder of preprocessed data and train its "
        "only fold: nnUNetv2_train DATASET 2d 0");
    return remarks;
  }

 private:
  bool is_one_file() const { return channels_ == 1 || channels_ == 3; }
  const char* ending() const { return is_tiff_ ? ".tif" : ".png"; }
  std::string encode(const Image& image) const { return is_tiff_ ? encode_tiff(image) : encode_png(image.pixels); }

  std::vector<std::string> names_of(Part part) const {
    std::vector<std::string> names;
    for (const PlannedSample& sample : plan_.samples)
      if (sample.part == part) names.push_back(sample.name);
    return names;
  }

  NnunetJson description() const {
    const PlannedClasses& classes = plan_.classes;
    NnunetJson json, channels, labels;
    labels["background"] = 0;
    const std::vector<std::string> known = channels_ == 1   ? std::vector<std::string>{"gray"}
                                           : channels_ == 3 ? std::vector<std::string>{"R", "G", "B"}
                                                            : std::vector<std::string>();
    for (int64_t i = 0; i < channels_; ++i)
      channels[std::to_string(i)] = known.empty() ? concat("channel ", i) : known[static_cast<size_t>(i)];
    for (size_t label = 0; label < classes.names.size(); ++label)
      if (classes.value_of(label) != 0) labels[classes.names[label]] = classes.value_of(label);
    if (classes.has_ignored) labels["ignore"] = classes.ignored_value;
    json["channel_names"] = channels;
    json["labels"] = labels;
    json["numTraining"] = plan_.images[kTrain] + plan_.images[kVal];
    json["file_ending"] = ending();
    return json;
  }

  const ConversionPlan& plan_;
  const std::string& folder_;
  int64_t channels_;
  bool is_tiff_ = false;
  size_t converted_ = 0;
};

std::unique_ptr<DatasetWriter> make_nnunet_writer(const ConversionPlan& plan, const std::string& folder) {
  return std::make_unique<NnunetWriter>(plan, folder);
}

FormatTraits nnunet_traits() {
  FormatTraits traits;
  traits.has_subfolders = false;
  traits.shares_names = true;
  traits.ignored_follows_classes = true;
  return traits;
}

}  // namespace

const OutputFormat kNnunetOutput{kNnunetFormat, nnunet_traits(), make_nnunet_writer};

}  // namespace unet
