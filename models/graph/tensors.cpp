#include "models/graph/tensors.h"

namespace unet {
namespace {

using Specs = std::map<std::string, TensorSpec>;

/// Tensors by name within the module of one node. Every Op has its overload, so that a new one does not compile
/// without.
struct OwnTensors {
  Specs operator()(const op::Input&) const { return {}; }
  Specs operator()(const op::Conv2d& o) const {
    return weights({o.out_channels, o.in_channels / o.groups, o.kernel_size, o.kernel_size}, o.bias, o.out_channels);
  }
  Specs operator()(const op::ConvTranspose2d& o) const {
    return weights({o.in_channels, o.out_channels / o.groups, o.kernel_size[0], o.kernel_size[1]}, o.bias,
                   o.out_channels);
  }
  Specs operator()(const op::Norm& o) const {
    Specs specs = weights({o.channels}, true, o.channels);
    if (o.kind == op::NormKind::batch) {
      specs["running_mean"] = specs["running_var"] = {{o.channels}, false};
      specs["num_batches_tracked"] = {{}, false};
    }
    return specs;
  }
  Specs operator()(const op::Activation& o) const {
    return o.kind == op::ActivationKind::prelu ? weights({1}, false, 0) : Specs();
  }
  Specs operator()(const op::Dropout&) const { return {}; }
  Specs operator()(const op::MaxPool2d&) const { return {}; }
  Specs operator()(const op::GlobalAvgPool2d&) const { return {}; }
  Specs operator()(const op::Concatenate&) const { return {}; }
  Specs operator()(const op::Add&) const { return {}; }
  Specs operator()(const op::Multiply&) const { return {}; }
  Specs operator()(const op::Interpolate&) const { return {}; }
  Specs operator()(const op::PixelShuffle&) const { return {}; }
  Specs operator()(const op::Pad&) const { return {}; }
  Specs operator()(const op::CropLike&) const { return {}; }

 private:
  static Specs weights(Shape weight, bool bias, int64_t channels) {
    Specs specs{{"weight", {std::move(weight)}}};
    if (bias) specs["bias"] = {{channels}};
    return specs;
  }
};

}  // namespace

std::map<std::string, TensorSpec> own_tensors(const Op& operation) { return std::visit(OwnTensors{}, operation); }

std::map<std::string, Shape> tensor_shapes(const Graph& graph) {
  std::map<std::string, Shape> all;
  for (const Node& node : graph.nodes())
    for (const auto& [name, tensor] : own_tensors(node.op)) all[node.name + "." + name] = tensor.shape;
  return all;
}

}  // namespace unet
