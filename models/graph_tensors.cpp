#include "models/graph_tensors.h"

namespace unet {
namespace {

using Shapes = std::map<std::string, Shape>;

/// Shapes by name within the module of one node. Every Op has its overload, so that a new one does not compile without.
struct OwnTensors {
  Shapes operator()(const op::Input&) const { return {}; }
  Shapes operator()(const op::Conv2d& o) const {
    return weights({o.out_channels, o.in_channels, o.kernel_size, o.kernel_size}, o.bias, o.out_channels);
  }
  Shapes operator()(const op::ConvTranspose2d& o) const {
    return weights({o.in_channels, o.out_channels, o.kernel_size, o.kernel_size}, o.bias, o.out_channels);
  }
  Shapes operator()(const op::Norm& o) const {
    Shapes shapes = weights({o.channels}, true, o.channels);
    if (o.kind == op::NormKind::batch) {
      shapes["running_mean"] = shapes["running_var"] = {o.channels};
      shapes["num_batches_tracked"] = {};
    }
    return shapes;
  }
  Shapes operator()(const op::Activation&) const { return {}; }
  Shapes operator()(const op::Dropout&) const { return {}; }
  Shapes operator()(const op::MaxPool2d&) const { return {}; }
  Shapes operator()(const op::Concatenate&) const { return {}; }
  Shapes operator()(const op::PadToMultiple&) const { return {}; }
  Shapes operator()(const op::CropLike&) const { return {}; }

 private:
  static Shapes weights(Shape weight, bool bias, int64_t channels) {
    Shapes shapes{{"weight", std::move(weight)}};
    if (bias) shapes["bias"] = {channels};
    return shapes;
  }
};

}  // namespace

std::map<std::string, Shape> tensor_shapes(const Graph& graph) {
  Shapes all;
  for (const Node& node : graph.nodes())
    for (auto& [name, shape] : std::visit(OwnTensors{}, node.op)) all[node.name + "." + name] = shape;
  return all;
}

}  // namespace unet
