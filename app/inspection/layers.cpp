#include "app/inspection/layers.h"

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Every Op has its overload, so that a new one does not compile without.
struct OperationText {
  std::string operator()(const op::Input&) const { return "input"; }
  std::string operator()(const op::Conv2d& o) const {
    const bool is_depthwise = o.groups > 1 && o.groups == o.in_channels && o.groups == o.out_channels;
    return concat(is_depthwise ? "depthwise conv " : "conv ", square(o.kernel_size), more(" stride ", o.stride, 1),
                  more(" dilation ", o.dilation, 1), is_depthwise ? std::string() : more(" groups ", o.groups, 1));
  }
  std::string operator()(const op::ConvTranspose2d& o) const {
    return concat("conv transpose ", sides(o.kernel_size), " stride ", number(o.stride),
                  more(" padding ", o.padding, 0), more(" output_padding ", o.output_padding, 0),
                  more(" dilation ", o.dilation, 1), more(" groups ", o.groups, 1));
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
  std::string operator()(const op::MaxPool2d& o) const {
    return concat("max pool ", sides(o.kernel_size),
                  o.stride == o.kernel_size ? std::string() : " stride " + number(o.stride));
  }
  std::string operator()(const op::GlobalAvgPool2d&) const { return "global average pool"; }
  std::string operator()(const op::Concatenate&) const { return "concatenate"; }
  std::string operator()(const op::Add&) const { return "add"; }
  std::string operator()(const op::Multiply&) const { return "multiply"; }
  std::string operator()(const op::Interpolate& o) const {
    const bool is_nearest = o.mode == op::InterpolateMode::nearest;
    return concat(is_nearest ? "nearest x" : "bilinear x", number(o.factor), o.align_corners ? " align_corners" : "");
  }
  std::string operator()(const op::PixelShuffle& o) const { return concat("pixel shuffle x", o.factor); }
  std::string operator()(const op::Pad& o) const {
    if (o.mirror) return concat("mirror ", number(o.margin), " pixels around");
    return concat("pad to a multiple of ", number(o.multiple));
  }
  std::string operator()(const op::CropLike& o) const { return o.center ? "crop the middle" : "crop to the image"; }

 private:
  static std::string square(int64_t side) { return concat(side, "x", side); }
  static std::string sides(const PerAxis& sides) { return concat(sides[0], "x", sides[1]); }
  static std::string number(const PerAxis& value) {
    return value[0] == value[1] ? std::to_string(value[0]) : sides(value);
  }
  /// Nothing where a setting has its usual value.
  static std::string more(const char* name, int64_t value, int64_t usual) {
    return value == usual ? "" : concat(name, value);
  }
  static std::string more(const char* name, const PerAxis& value, int64_t usual) {
    return value == PerAxis{usual, usual} ? "" : name + number(value);
  }
};

/// Whether people count the node to the layer before it.
bool is_part_of_a_layer(const Op& operation) {
  return std::holds_alternative<op::Norm>(operation) || std::holds_alternative<op::Activation>(operation) ||
         std::holds_alternative<op::Dropout>(operation) || std::holds_alternative<op::PixelShuffle>(operation);
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
