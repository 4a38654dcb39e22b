#include "app/inspection/layers.h"

namespace unet {

std::vector<Layer> layers_of(const Graph& graph, int64_t height, int64_t width) {
  const std::vector<Node>& nodes = graph.nodes();
  const std::vector<NodeCost> costs = node_costs(graph, height, width);
  std::vector<Layer> layers;
  size_t last = 0;  // the newest node of the newest layer
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (std::holds_alternative<op::Input>(nodes[i].op)) continue;
    const bool extends_last =
        !layers.empty() && traits_of(nodes[i].op).extends_layer && nodes[i].inputs.at(0).node == last;
    if (!extends_last) layers.emplace_back().name = nodes[i].name;
    last = i;
    Layer& layer = layers.back();
    layer.operation += (extends_last ? ", " : "") + operation_text(nodes[i].op);
    layer.shape = costs[i].shape;
    layer.parameters += costs[i].parameters;
    layer.multiply_adds += costs[i].multiply_adds;
    layer.values += costs[i].shape.values();
    layer.receptive_field = costs[i].receptive_field;
  }
  return layers;
}

Layer total_of(const std::vector<Layer>& layers) {
  Layer total;
  total.name = "total";
  for (const Layer& layer : layers) {
    total.shape = layer.shape;
    total.parameters += layer.parameters;
    total.multiply_adds += layer.multiply_adds;
    total.values += layer.values;
    total.receptive_field = layer.receptive_field;
  }
  return total;
}

}  // namespace unet
