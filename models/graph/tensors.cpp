#include "models/graph/tensors.h"

namespace unet {

TensorSpecs own_tensors(const Op& operation) {
  return std::visit([](const auto& o) { return o.tensors(); }, operation);
}

std::map<std::string, Shape> tensor_shapes(const Graph& graph) {
  std::map<std::string, Shape> all;
  for (const Node& node : graph.nodes())
    for (const auto& [name, tensor] : own_tensors(node.op)) all[node.name + "." + name] = tensor.shape;
  return all;
}

}  // namespace unet
