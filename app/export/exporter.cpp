#include "app/export/exporter.h"

#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/checkpoint/checkpoint.h"
#include "configs/schema/writer.h"
#include "data/dataset/normalization.h"
#include "data/files/atomic_file.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double kTolerance = 1e-4;
constexpr int64_t kBatches[] = {1, 2};

/// Heights and widths for the comparison: arbitrary where the graph pads, otherwise sizes that need no padding.
std::vector<PerAxis> sizes_for(const Graph& graph) {
  if (!graph.wanted_padding()) return {{64, 64}, {61, 37}, {15, 80}};
  const op::Pad& pad = *graph.wanted_padding();
  const auto size = [&](int64_t rows, int64_t columns) {
    return PerAxis{op::padded_size(pad.minimum[0] + rows * pad.multiple[0], pad, 0),
                   op::padded_size(pad.minimum[1] + columns * pad.multiple[1], pad, 1)};
  };
  return {size(0, 0), size(1, 0), size(0, 3)};
}

/// Options of the `model` section as YAML, by key, without those that follow from the weights or matter only in
/// training.
std::map<std::string, std::string> model_options(UNetOptions options) {
  auto values = option_values(options);
  for (const char* key : {"num_classes", "encoder_weights", "deep_supervision"}) values.erase(key);
  return values;
}

torch::Tensor classes(const torch::Tensor& logits) { return logits.size(1) == 1 ? logits.gt(0) : logits.argmax(1); }

}  // namespace

Agreement compare(const Forward& native, const Forward& exported, const Graph& graph) {
  const int64_t channels = graph.nodes().front().channels;
  const torch::NoGradGuard no_grad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(0);
  Agreement agreement;
  double same = 0, pixels = 0;
  for (const auto& [height, width] : sizes_for(graph))
    for (const int64_t batch : kBatches) {
      const auto images = torch::empty({batch, channels, height, width}).normal_(0, 1, generator);
      const auto expected = native(images);
      const auto actual = exported(images);
      if (actual.sizes() != expected.sizes())
        fail(ErrorKind::internal, "[export] got logits of shape ", actual.sizes(), ", expected ", expected.sizes());
      const double largest = expected.abs().max().item<double>();
      const double difference = (actual - expected).abs().max().item<double>();
      const double share = largest > 0 ? difference / largest : difference;
      if (std::isnan(share) || share > agreement.difference) agreement.difference = share;  // NaN stays
      const auto equal = classes(actual).eq(classes(expected));
      same += equal.sum().item<double>();
      pixels += static_cast<double>(equal.numel());
      ++agreement.runs;
    }
  agreement.same_class = same / pixels;
  return agreement;
}

Metadata export_metadata(const Config& config, double temperature) {
  const DataOptions& data = config.data;
  json values = json::object();
  for (const auto& [value, label] : data.labels) values[text_of(value)] = label;
  Metadata metadata{{"classes", json(data.class_names).dump()},
                    {"colors", json(data.class_colors).dump()},
                    {"labels", values.dump()},
                    {"channels", json(*data.channels).dump()},
                    {"model", json(model_options(config.model)).dump()},
                    {"program", kProgramMark}};
  if (temperature != 1) metadata["temperature"] = json(temperature).dump();
  const Normalization normalization = normalization_of(data);
  if (!normalization.per_image) {
    metadata["mean"] = json(normalization.mean).dump();
    metadata["std"] = json(normalization.std).dump();
  }
  if (data.normalize == Normalize::dataset) return metadata;
  metadata["normalize"] = json(enum_name(data.normalize)).dump();
  metadata["data_mean"] = json(data.mean).dump();
  metadata["data_std"] = json(data.std).dump();
  if (normalization.per_image) metadata["std_floor"] = json(normalization.smallest_std).dump();
  if (!normalization.low.empty()) {
    metadata["clip_low"] = json(normalization.low).dump();
    metadata["clip_high"] = json(normalization.high).dump();
  }
  if (data.normalize == Normalize::range) {
    metadata["data_min"] = json(data.min).dump();
    metadata["data_max"] = json(data.max).dump();
  }
  return metadata;
}

std::string normalization_advice(const DataOptions& data) {
  const Normalization normalization = normalization_of(data);
  if (normalization.per_image)
    return "data.normalize is per_image: for each image and channel, the other program must subtract the mean of that "
           "image and divide by its standard deviation, or by std_floor of the metadata where that is larger";
  const std::string standardize =
      concat("subtract mean ", json(normalization.mean).dump(), " and divide by std ", json(normalization.std).dump());
  if (normalization.low.empty())
    return concat("the other program must ", standardize, " (values scaled to [0,1], 32 bits as they are)");
  return concat("data.normalize is percentile: the other program must clip values to ", json(normalization.low).dump(),
                " and ", json(normalization.high).dump(), ", then ", standardize,
                " (values scaled to [0,1], 32 bits as they are)");
}

void check_exportable(const NetworkImpl& network, const ExportFormat& format, const std::string& path, bool overwrite) {
  if (!overwrite && fs::exists(path))
    fail(ErrorKind::cannot_create, path, " already exists. Add --overwrite to replace it, or choose another --out.");
  const fs::path parent = fs::path(path).parent_path();
  const fs::path folder = parent.empty() ? fs::path(".") : parent;
  if (fs::is_directory(path) || !fs::is_directory(folder) || ::access(folder.c_str(), W_OK) != 0)
    fail(ErrorKind::cannot_create, path,
         ": cannot be written. Check that --out names a file in an existing folder that you may write to.");
  int64_t bytes = 0;
  for (const auto& [name, tensor] : weights_of(network)) {
    if (!tensor.isfinite().all().item<bool>())
      fail(ErrorKind::data, path, ": tensor '", name, "' holds values that are not finite. Export an earlier ",
           "checkpoint.");
    bytes += static_cast<int64_t>(tensor.nbytes());
  }
  if (bytes > format.max_bytes())
    fail(ErrorKind::data, path, ": the weights have ", bytes, " bytes, expected at most ", format.max_bytes(),
         " in this format. Use --format torchscript.");
}

Network exported_network(const NetworkImpl& network, bool padding) {
  const Graph graph = without_auxiliary(network.graph());
  Network exported(padding ? graph : without_padding(graph));
  TensorMap weights = weights_of(network);
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : weights_of(*exported)) tensor.copy_(weights.at(name));
  return exported;
}

Agreement export_model(Network network, const Metadata& metadata, const ExportFormat& format, const std::string& path) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const Graph& graph = network->graph();
  const std::string bytes = format.to_bytes(*network, metadata);
  const Forward native = [&](const torch::Tensor& images) { return network->forward(images); };
  Agreement agreement;
  write_file_with(path, [&](const std::string& temporary) {
    write_file_in_place(temporary, bytes, path);
    const Forward exported = format.read(read_file(temporary), path, graph);
    agreement = compare(native, exported, graph);
    if (!(agreement.difference <= kTolerance))
      fail(ErrorKind::internal, "[export] ", path, ": after reading it back, logits differ by ", agreement.difference,
           " of the largest one, expected at most ", kTolerance, ". No file was written. Please report this bug.");
  });
  return agreement;
}

}  // namespace unet
