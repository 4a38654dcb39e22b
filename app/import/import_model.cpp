#include "app/import/import_model.h"

#include <torch/types.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/config/config.h"
#include "app/export/exporter.h"
#include "app/import/infer_unet.h"
#include "app/import/pytorch_unet.h"
#include "app/import/weights_file.h"
#include "app/scores/temperature.h"
#include "configs/schema/suggest.h"
#include "data/dataset/class_colors.h"
#include "data/samples/augment_presets.h"

namespace unet {
namespace {

constexpr int64_t kDefaultSize = 256;

/// Keys of the metadata and the options that they set.
constexpr std::pair<const char*, const char*> kOptions[] = {{"classes", "data.class_names"},
                                                            {"colors", "data.class_colors"},
                                                            {"labels", "data.labels"},
                                                            {"mean", "data.mean"},
                                                            {"std", "data.std"},
                                                            {"normalize", "data.normalize"},
                                                            {"clip_low", "data.min"},
                                                            {"clip_high", "data.max"},
                                                            {"data_min", "data.min"},
                                                            {"data_max", "data.max"},
                                                            {"data_mean", "data.mean"},
                                                            {"data_std", "data.std"}};

/// Sets the options of the `model` section. Older files have numbers where newer ones have strings.
void set_model_options(Tree& tree, const std::string& text, const std::string& path) {
  const auto options = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!options.is_object())
    fail(ErrorKind::data, path, ": its metadata 'model' is not a JSON object. The file is damaged.");
  for (const auto& [key, value] : options.items())
    set_value(tree, concat("model.", key, "=", value.is_string() ? value.get<std::string>() : value.dump()));
}

/// Returns a config with the options in the metadata of a file that `unet export` wrote; an empty one for other files.
Tree exported_config(const Metadata& metadata, const std::string& path) {
  Tree tree = load_config("");
  const auto program = metadata.find("program");
  if (program == metadata.end() || program->second != kProgramMark) return tree;
  const auto model = metadata.find("model");
  if (model != metadata.end()) set_model_options(tree, model->second, path);
  for (const auto& [key, option] : kOptions) {
    const auto found = metadata.find(key);
    if (found != metadata.end()) set_value(tree, concat(option, "=", found->second));
  }
  return tree;
}

/// Calibration in the metadata of a file that `unet export` wrote; null if it has none.
nlohmann::json exported_calibration(const Metadata& metadata) {
  const auto program = metadata.find("program"), temperature = metadata.find("temperature");
  if (program == metadata.end() || program->second != kProgramMark || temperature == metadata.end()) return {};
  nlohmann::json calibration{
      {"temperature", nlohmann::json::parse(temperature->second, nullptr, /*allow_exceptions=*/false)}};
  temperature_of(calibration);  // refuses other values
  return calibration;
}

bool is_given(const Tree& tree, const std::string& section, const std::string& option) {
  const Tree* part = tree.find(section);
  return part != nullptr && part->find(option) != nullptr;
}

void check_count(const char* option, size_t got, size_t expected) {
  if (got != expected) fail(ErrorKind::config, option, ": got ", got, ", expected ", expected);
}

void fill_labels(DataOptions& data, int64_t classes) {
  const size_t count = static_cast<size_t>(classes);
  if (data.labels.empty())
    for (int64_t label = 0; label < classes; ++label) data.labels[label] = label;
  if (data.class_names.empty())
    for (size_t i = 0; i < count; ++i) data.class_names.push_back(concat("class ", i));
  if (data.class_colors.empty()) data.class_colors = default_class_colors(classes);
  check_count("data.class_names", data.class_names.size(), count);
  check_count("data.class_colors", data.class_colors.size(), count);
}

void fill_statistics(DataOptions& data, int64_t channels) {
  const size_t count = static_cast<size_t>(channels);
  if (data.mean.empty()) data.mean.assign(count, 0.0);
  if (data.std.empty()) data.std.assign(count, 1.0);
  if (data.mean.size() != count || data.std.size() != count)
    fail(ErrorKind::config, "data.mean, data.std: got ", counted(data.mean.size(), "value"), " and ", data.std.size(),
         ", expected ", count, " of each, one for each channel. Give them with --mean and --std.");
  if (std::any_of(data.std.begin(), data.std.end(), [](double value) { return !(value > 0); }))
    fail(ErrorKind::config, "data.std: expected values above 0");
}

std::string list_text(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(concat(value));
  return "[" + join(texts) + "]";
}

std::vector<std::string> import_notes(const Config& config, const Tree& given) {
  const auto source = [&](const char* section, const char* option) {
    return is_given(given, section, option) ? "" : " (assumed)";
  };
  const UNetOptions& model = config.model;
  return {concat("inferred: depth ", model.depth, ", ", model.base_channels, " to ", unet_channels(model, model.depth),
                 " channels, images of ", *config.data.channels, " channels, ", *model.num_classes, " outputs, norm ",
                 enum_name(model.norm), ", encoder ", model.encoder),
          concat("upsampling ", model.upsampling.name(), source("model", "upsampling"), ", activation ",
                 enum_name(model.activation),
                 model.activation == op::ActivationKind::prelu ? "" : source("model", "activation"), ", mean ",
                 list_text(config.data.mean), source("data", "mean"), ", std ", list_text(config.data.std),
                 source("data", "std"), ", classes ", join(config.data.class_names), source("data", "class_names"))};
}

}  // namespace

ImportedModel import_model(const std::string& path, const Tree& settings) {
  WeightsFile file = read_weights_file(path);
  Tree given = exported_config(file.metadata, path);
  if (is_pytorch_unet(file.tensors)) {
    PytorchUNet model = from_pytorch_unet(file, path);
    file.tensors = std::move(model.weights);
    for (const std::string& setting : model.settings) set_value(given, setting);
  }
  const Tree* data = settings.find("data");
  if (data != nullptr && data->find("labels") != nullptr)
    set_value(given, "data.labels=auto");  // replaced as a whole, not merged
  merge(given, settings);
  Config config;
  Locations locations = read_options(given, config);  // constraints between options are checked after the inference
  apply_augment_preset(config.augment, locations, "augment");
  const InferredUNet inferred = infer_unet(file.tensors, config.model, is_given(given, "model", "norm"), path);
  config.model = inferred.options;
  config.data.channels = inferred.channels;
  fill_labels(config.data, std::max<int64_t>(2, *config.model.num_classes));
  fill_statistics(config.data, inferred.channels);
  if (config.data.size.empty()) config.data.size.assign(2, std::max(kDefaultSize, unet_minimum_size(config.model)));
  check_config(config, {});

  ImportedModel imported;
  imported.checkpoint.config = portable_config(config);
  imported.checkpoint.calibration = exported_calibration(file.metadata);
  for (const auto& [name, tensor] : file.tensors)
    imported.checkpoint.weights[name] = (tensor.is_floating_point() ? tensor.to(torch::kFloat) : tensor).contiguous();
  imported.notes = import_notes(config, given);
  return imported;
}

}  // namespace unet
