#include "app/inspection/inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {
namespace {

/// Three significant digits and a unit: "950", "57.2 M", "1.23 G".
std::string short_number(int64_t number) {
  const char* const units[] = {"", " k", " M", " G", " T", " P"};
  auto value = static_cast<double>(number);
  size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < std::size(units); ++unit) value /= 1000;
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, digits, units[unit]);
}

std::string bytes_text(int64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  if (mebibytes >= 1024) return fmt::format("{:.1f} GiB", mebibytes / 1024);
  return fmt::format("{:.{}f} MiB", mebibytes, mebibytes < 10 ? 1 : 0);
}

int64_t value_bytes(const Execution& execution) { return static_cast<int64_t>(c10::elementSize(execution.dtype)); }

std::string memory_text(const Inspection& it) {
  return fmt::format(
      "total memory on a CPU ({} of it for the program itself):\n"
      "  training step, batch of {} of {}x{}  {}, plus up to data.cache_mb for decoded images\n"
      "  prediction of an image of {}x{}  {}\n",
      bytes_text(it.memory.program), it.sizes.batch_size, it.sizes.training_height, it.sizes.training_width,
      bytes_text(it.memory.training_step), it.sizes.image_height, it.sizes.image_width,
      bytes_text(it.memory.prediction));
}

}  // namespace

std::vector<std::string> fill_defaults(Config& config) {
  std::vector<std::string> assumptions;
  DataOptions& data = config.data;
  if (!data.channels) {
    data.channels = 3;
    assumptions.emplace_back("data.channels is auto: 3");
  }
  if (data.size.empty()) {
    const int64_t side = std::max<int64_t>(256, unet_minimum_size(config.model));
    data.size = {side, side};
    assumptions.push_back(concat("data.size is auto: ", side, "x", side));
  }
  int64_t classes = 0;
  for (const auto& [value, label] : data.labels) classes = std::max(classes, label + 1);
  if (!config.model.num_classes) {
    if (classes == 0) assumptions.emplace_back("model.num_classes is auto: 2");
    config.model.num_classes = classes == 0 ? 2 : classes;
  }
  if (data.labels.empty())
    for (int64_t label = 0; label < std::max<int64_t>(2, *config.model.num_classes); ++label)
      data.labels[label] = label;
  if (data.mean.empty()) data.mean.assign(static_cast<size_t>(*data.channels), 0);
  if (data.std.empty()) data.std.assign(static_cast<size_t>(*data.channels), 1);
  if (data.min.empty()) data.min.assign(static_cast<size_t>(*data.channels), 0);
  if (data.max.empty()) data.max.assign(static_cast<size_t>(*data.channels), 1);
  return assumptions;
}

Inspection inspect(Config& config, const std::string& subject, const std::vector<int64_t>& image, int64_t program_bytes,
                   const Locations& locations) {
  Inspection it;
  it.subject = subject;
  it.assumptions = fill_defaults(config);
  check_config(config, locations);
  const auto& train = config.train;
  it.execution = choose_execution("cpu", train.precision, train.memory_format, train.fast_paths);
  const std::vector<int64_t>& size = config.data.size;
  const std::vector<int64_t>& predicted = image.empty() ? size : image;
  it.sizes = {train.batch_size, size[0], size[1], predicted[0], predicted[1]};
  const std::vector<int64_t>& seen = config.data.size_policy == SizePolicy::resize ? size : predicted;
  it.layers = layers_of(describe_unet(config.model, *config.data.channels), seen[0], seen[1]);
  it.memory = forecast_memory(config, it.sizes, it.execution, program_bytes);
  return it;
}

std::string to_table(const Inspection& it) {
  size_t name_width = 5, text_width = 9;
  for (const Layer& layer : it.layers) {
    name_width = std::max(name_width, layer.name.size());
    text_width = std::max(text_width, layer.operation.size());
  }
  const auto line = [&](const std::string& name, const std::string& text, const std::string& shape,
                        const std::string& parameters, const std::string& multiply_adds, const std::string& memory,
                        const std::string& field) {
    return fmt::format("{:<{}}  {:<{}}  {:>14} {:>11} {:>13} {:>9} {:>5}\n", name, name_width, text, text_width, shape,
                       parameters, multiply_adds, memory, field);
  };
  const auto row = [&](const Layer& layer, const std::string& shape) {
    return line(layer.name, layer.operation, shape, layer.parameters == 0 ? "-" : fmt::format("{}", layer.parameters),
                layer.multiply_adds == 0 ? "-" : short_number(layer.multiply_adds),
                bytes_text(layer.values * value_bytes(it.execution)), fmt::format("{}", layer.receptive_field));
  };
  const Layer total = total_of(it.layers);
  std::string text = it.subject + "\n\n";
  text += line("layer", "operation", "output CxHxW", "parameters", "multiply-adds", "memory", "field");
  for (const Layer& layer : it.layers)
    text += row(layer, fmt::format("{}x{}x{}", layer.shape.channels, layer.shape.height, layer.shape.width));
  text += row(total, "");
  text += fmt::format(
      "\nmemory: outputs for one image in {}; multiply-adds: convolutions for one image ({}FLOP);\n"
      "field: receptive field, the side of the square of image pixels that one output depends on\n",
      it.execution.precision(), short_number(2 * total.multiply_adds));
  text += memory_text(it);
  for (const std::string& assumption : it.assumptions) text += "assumed: " + assumption + "\n";
  return text;
}

nlohmann::json to_json(const Inspection& it) {
  const auto layer_json = [&](const Layer& layer) {
    return nlohmann::json{{"name", layer.name},
                          {"operation", layer.operation},
                          {"shape", {layer.shape.channels, layer.shape.height, layer.shape.width}},
                          {"parameters", layer.parameters},
                          {"multiply_adds", layer.multiply_adds},
                          {"output_bytes", layer.values * value_bytes(it.execution)},
                          {"receptive_field", layer.receptive_field}};
  };
  nlohmann::json document{{"subject", it.subject},
                          {"assumptions", it.assumptions},
                          {"execution", it.execution.text()},
                          {"layers", nlohmann::json::array()},
                          {"total", layer_json(total_of(it.layers))},
                          {"training_size", {it.sizes.training_height, it.sizes.training_width}},
                          {"batch_size", it.sizes.batch_size},
                          {"image_size", {it.sizes.image_height, it.sizes.image_width}}};
  for (const Layer& layer : it.layers) document["layers"].push_back(layer_json(layer));
  document["memory"] = {{"program_bytes", it.memory.program},
                        {"training_step_bytes", it.memory.training_step},
                        {"prediction_bytes", it.memory.prediction}};
  return document;
}

}  // namespace unet
