#include "app/import/encoder_weights.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "app/import/weights_file.h"
#include "configs/schema/error.h"
#include "configs/schema/suggest.h"
#include "models/graph/tensors.h"
#include "models/unet/parts.h"

namespace unet {
namespace {

const std::string kPrefix = std::string(kEncoderPart) + ".";
constexpr const char* kFirst = "conv1.weight";

/// (out, 3, h, w) -> (out, channels, h, w).
torch::Tensor adapt_input_channels(const torch::Tensor& weight, int64_t channels) {
  const int64_t given = weight.size(1);
  if (given == channels || given < 1) return weight;
  if (channels == 1) return weight.sum(1, /*keepdim=*/true);
  std::vector<torch::Tensor> parts;
  for (int64_t i = 0; i < channels; ++i) parts.push_back(weight.narrow(1, i % given, 1));
  return torch::cat(parts, 1) * (static_cast<double>(given) / static_cast<double>(channels));
}

/// The tensors of the encoder by name, and the blocks that they are in.
struct EncoderTensors {
  explicit EncoderTensors(const Graph& graph) {
    for (const Node& node : graph.nodes()) {
      if (node.part != kEncoderPart) continue;
      blocks.insert(node.block);
      for (const auto& [name, tensor] : own_tensors(node.op)) shapes[node.name + "." + name] = tensor.shape;
    }
  }

  std::map<std::string, Shape> shapes;
  std::set<std::string> blocks;
};

}  // namespace

TensorMap read_encoder_weights(const std::string& path, const Graph& graph) {
  const TensorMap given = read_weights_file(path).tensors;
  TensorMap weights;
  std::vector<std::string> problems;
  const EncoderTensors encoder(graph);
  for (const auto& [name, shape] : encoder.shapes) {
    const std::string source_name = name.substr(kPrefix.size());
    const auto found = given.find(source_name);
    if (found == given.end()) {
      const bool is_optional = ends_with(source_name, ".num_batches_tracked");  // exists since PyTorch 0.4.1
      if (!is_optional) problems.push_back(source_name + ": missing");
      continue;
    }
    torch::Tensor tensor = found->second;
    if (source_name == kFirst && tensor.dim() == 4)
      tensor = adapt_input_channels(tensor.to(torch::kFloat), shape.at(1));
    if (tensor.sizes() != torch::IntArrayRef(shape))
      problems.push_back(concat(source_name, ": got ", tensor.sizes(), ", expected ", torch::IntArrayRef(shape)));
    weights[name] = tensor;
  }
  for (const auto& [source_name, tensor] : given) {
    // Stem and classifier are in no block.
    const std::string block = kPrefix + source_name.substr(0, source_name.find('.'));
    if (encoder.blocks.count(block) != 0 && weights.count(kPrefix + source_name) == 0)
      problems.push_back(concat(source_name, ": got ", tensor.sizes(), ", expected none"));
  }
  if (problems.empty()) return weights;
  constexpr size_t kListed = 10;
  fail(ErrorKind::data, path, ": ", counted(problems.size(), "tensor"), problems.size() == 1 ? " does" : " do",
       " not fit model.encoder. Check that the file holds the weights of that network:\n  ",
       join_first(problems, kListed, "\n  "));
}

void check_encoder_weights(const std::optional<std::string>& path, const Locations& locations) {
  std::error_code error;
  if (path && !std::filesystem::is_regular_file(*path, error))
    fail(ErrorKind::missing_input, locations.text("model.encoder_weights"), ": '", *path,
         "' is not a file. Save torchvision's ",
         "network with torch.save(model.state_dict(), FILE), or add --set model.encoder_weights=none.");
}

}  // namespace unet
