#include "app/inspection/layers.h"

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Every Op has its overload, so that a new one does not compile without.
struct OperationText {
  std::string operator()(const op::Input&) const { return "input"; }
  std::string operator()(const op::Conv2d& o) const { return "conv " + square(o.kernel_size); }
  std::string operator()(const op::ConvTranspose2d& o) const {
    return concat("conv transpose ", square(o.kernel_size), " stride ", o.stride);
  }
  std::string operator()(const op::Norm& o) const {
    switch (o.kind) {
      case op::NormKind::batch:
        return "batch norm";
      case op::NormKind::instance:
        return "instance norm";
      case op::NormKind::group:
        return concat("group norm of ", o.groups);
    }
    fail(ErrorKind::internal, "[layers] a norm without a text");
  }
  std::string operator()(const op::Activation& o) const { return op::activation_name(o.kind); }
  std::string operator()(const op::Dropout& o) const { return concat("dropout ", o.probability); }
  std::string operator()(const op::MaxPool2d&) const { return "max pool 2x2"; }
  std::string operator()(const op::Concatenate&) const { return "concatenate"; }
  std::string operator()(const op::PadToMultiple& o) const { return concat("pad to a multiple of ", o.multiple); }
  std::string operator()(const op::CropLike&) const { return "crop to the image"; }

 private:
  static std::string square(int64_t side) { return concat(side, "x", side); }
};

/// Whether people count the node to the layer before it.
bool is_part_of_a_layer(const Op& operation) {
  return std::holds_alternative<op::Norm>(operation) || std::holds_alternative<op::Activation>(operation) ||
         std::holds_alternative<op::Dropout>(operation);
}

}  // namespace

std::string operation_text(const Op& operation) { return std::visit(OperationText{}, operation); }

std::vector<Layer> layers_of(const Graph& graph, int64_t height, int64_t width) {
  const std::vector<Node>& nodes = graph.nodes();
  const std::vector<NodeCost> costs = node_costs(graph, height, width);
  std::vector<Layer> layers;
  size_t last = 0;  // the newest node of the newest layer
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (std::holds_alternative<op::Input>(nodes[i].op)) continue;
    const bool goes_on = !layers.empty() && is_part_of_a_layer(nodes[i].op) && nodes[i].inputs.at(0).node == last;
    if (!goes_on) layers.emplace_back().name = nodes[i].name;
    last = i;
    Layer& layer = layers.back();
    layer.operation += (goes_on ? ", " : "") + operation_text(nodes[i].op);
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
