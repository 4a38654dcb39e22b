#include "app/export/onnx_operations.h"

#include <torch/types.h>

#include <cmath>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Writes one node of a graph as ONNX operations. There is an overload for each operation, so that a new operation does
/// not compile without one.
class OnnxNodeWriter {
 public:
  /// `inputs` and `output` are names of ONNX values.
  OnnxNodeWriter(OnnxWriter& onnx, const TensorMap& weights, const Node& node, std::vector<std::string> inputs,
                 std::string output)
      : onnx_(onnx), weights_(weights), node_(node), inputs_(std::move(inputs)), output_(std::move(output)) {}

  void operator()(const op::Input& o) const { onnx_.input(output_, o.channels); }

  void operator()(const op::Conv2d& o) const {
    onnx_.node("Conv", inputs_and_weights(o.bias), output_,
               {{"dilations", square(o.dilation)},
                {"group", o.groups},
                {"kernel_shape", square(o.kernel_size)},
                {"pads", std::vector<int64_t>(4, o.padding)},
                {"strides", square(o.stride)}});
  }
  void operator()(const op::ConvTranspose2d& o) const {
    onnx_.node("ConvTranspose", inputs_and_weights(o.bias), output_,
               {{"dilations", list(o.dilation)},
                {"group", o.groups},
                {"kernel_shape", list(o.kernel_size)},
                {"output_padding", list(o.output_padding)},
                {"pads", std::vector<int64_t>{o.padding[0], o.padding[1], o.padding[0], o.padding[1]}},
                {"strides", list(o.stride)}});
  }

  void operator()(const op::Norm& o) const {
    const OnnxAttributes epsilon{{"epsilon", static_cast<float>(o.eps)}};
    switch (o.kind) {
      case op::NormKind::batch: {
        auto inputs = inputs_and_weights(true);
        for (const char* name : {"running_mean", "running_var"}) inputs.push_back(weight(name));
        onnx_.node("BatchNormalization", inputs, output_, epsilon);
        return;
      }
      case op::NormKind::instance:
        onnx_.node("InstanceNormalization", inputs_and_weights(true), output_, epsilon);
        return;
      case op::NormKind::group:
        group_norm(o, epsilon);
        return;
    }
    fail(ErrorKind::internal, "[onnx] a norm without an operation");
  }

  void operator()(const op::Activation& o) const {
    switch (o.kind) {
      case op::ActivationKind::relu:
        onnx_.node("Relu", inputs_, output_);
        return;
      case op::ActivationKind::leaky_relu:
        onnx_.node("LeakyRelu", inputs_, output_, {{"alpha", static_cast<float>(o.negative_slope)}});
        return;
      case op::ActivationKind::elu:
        onnx_.node("Elu", inputs_, output_, {{"alpha", static_cast<float>(o.alpha)}});
        return;
      case op::ActivationKind::silu:
        onnx_.node("Mul", {inputs_[0], onnx_.node("Sigmoid", inputs_, part("sigmoid"))}, output_);
        return;
      case op::ActivationKind::gelu:
        gelu();
        return;
      case op::ActivationKind::prelu: {
        const auto slope = weights_.at(part("weight")).view({1, 1, 1});
        onnx_.node("PRelu", {inputs_[0], onnx_.initializer(part("weight"), slope)}, output_);
        return;
      }
      case op::ActivationKind::sigmoid:
        onnx_.node("Sigmoid", inputs_, output_);
        return;
    }
    fail(ErrorKind::internal, "[onnx] an activation without an operation");
  }

  void operator()(const op::Dropout&) const { onnx_.node("Identity", inputs_, output_); }
  void operator()(const op::MaxPool2d& o) const {
    onnx_.node("MaxPool", inputs_, output_,
               {{"kernel_shape", list(o.kernel_size)},
                {"pads", std::vector<int64_t>(4, o.padding)},
                {"strides", list(o.stride)}});
  }
  void operator()(const op::GlobalAvgPool2d&) const { onnx_.node("GlobalAveragePool", inputs_, output_); }
  void operator()(const op::Concatenate&) const { onnx_.node("Concat", inputs_, output_, {{"axis", int64_t{1}}}); }
  void operator()(const op::Add&) const { onnx_.node("Add", inputs_, output_); }
  void operator()(const op::Multiply&) const { onnx_.node("Mul", inputs_, output_); }

  void operator()(const op::Interpolate& o) const {
    const bool is_nearest = o.mode == op::InterpolateMode::nearest;
    const auto factors = torch::tensor({1.0F, 1.0F, static_cast<float>(o.factor[0]), static_cast<float>(o.factor[1])});
    OnnxAttributes attributes{{"mode", std::string(is_nearest ? "nearest" : "linear")},
                              {"coordinate_transformation_mode", std::string(is_nearest        ? "asymmetric"
                                                                             : o.align_corners ? "align_corners"
                                                                                               : "half_pixel")}};
    if (is_nearest) attributes["nearest_mode"] = std::string("floor");
    onnx_.node("Resize", {inputs_[0], "", onnx_.initializer(part("factors"), factors)}, output_, attributes);
  }
  void operator()(const op::PixelShuffle& o) const {
    onnx_.node("DepthToSpace", inputs_, output_, {{"blocksize", o.factor}, {"mode", std::string("CRD")}});
  }

  void operator()(const op::Pad& o) const {
    const std::string size = height_and_width(inputs_[0]);
    const auto sizes = [&](const PerAxis& values) { return onnx_.integers({values[0], values[1]}); };
    const std::string multiple = sizes(o.multiple);
    const PerAxis round_up{o.multiple[0] - 1 - o.remainder[0], o.multiple[1] - 1 - o.remainder[1]};
    std::string wanted = onnx_.node("Max", {size, sizes(o.minimum)}, part("size"));
    wanted = onnx_.node("Add", {wanted, sizes(round_up)}, part("rounded_up"));
    wanted = onnx_.node("Div", {wanted, multiple}, part("multiples"));
    wanted = onnx_.node("Mul", {wanted, multiple}, part("multiple"));
    const PerAxis added{o.remainder[0] + o.margin[0], o.remainder[1] + o.margin[1]};
    if (added != PerAxis{0, 0}) wanted = onnx_.node("Add", {wanted, sizes(added)}, part("end"));
    if (o.mirror) return mirror(o, size, wanted);
    const std::string missing = onnx_.node("Sub", {wanted, size}, part("missing"));
    const std::string pads = onnx_.node("Concat", {onnx_.integers({0, 0, 0, 0, 0, 0}), missing}, part("pads"),
                                        {{"axis", int64_t{0}}});  // begins of all axes, then ends
    onnx_.node("Pad", {inputs_[0], pads}, output_, {{"mode", std::string("edge")}});
  }
  void operator()(const op::CropLike& o) const {
    const std::string size = height_and_width(inputs_[1]);
    const std::string axes = onnx_.integers({2, 3});
    if (!o.center) {
      onnx_.node("Slice", {inputs_[0], onnx_.integers({0, 0}), size, axes}, output_);
      return;
    }
    const std::string surplus = onnx_.node("Sub", {height_and_width(inputs_[0], "whole."), size}, part("surplus"));
    const std::string begin = onnx_.node("Div", {surplus, onnx_.integers({2})}, part("begin"));
    const std::string end = onnx_.node("Add", {begin, size}, part("end"));
    onnx_.node("Slice", {inputs_[0], begin, end, axes}, output_);
  }

 private:
  static std::vector<int64_t> square(int64_t size) { return {size, size}; }
  static std::vector<int64_t> list(const PerAxis& values) { return {values[0], values[1]}; }

  /// Name of a value or tensor of this node.
  std::string part(const std::string& name) const { return node_.name + "." + name; }
  std::string weight(const std::string& name) const { return onnx_.initializer(part(name), weights_.at(part(name))); }
  std::vector<std::string> inputs_and_weights(bool bias) const {
    std::vector<std::string> inputs{inputs_[0], weight("weight")};
    if (bias) inputs.push_back(weight("bias"));
    return inputs;
  }

  std::string height_and_width(const std::string& images, const std::string& prefix = "") const {
    const std::string shape = onnx_.node("Shape", {images}, part(prefix + "shape"));
    return onnx_.node("Gather", {shape, onnx_.integers({2, 3})}, part(prefix + "height_and_width"),
                      {{"axis", int64_t{0}}});
  }

  /// Gathers rows and columns from -margin to `end` by their reflected indices, because ONNX's mode "reflect" cannot
  /// pad by more than the size of the image.
  void mirror(const op::Pad& o, const std::string& size, const std::string& end) const {
    const std::string one = onnx_.integer(1), two = onnx_.integer(2);
    std::string x = inputs_[0];
    for (const int64_t axis : {0, 1}) {
      const auto named = [&](const char* name) { return part(concat(axis == 0 ? "rows." : "columns.", name)); };
      const std::string axis_index = onnx_.integer(axis);
      const auto select_axis = [&](const std::string& both, const char* name) {
        return onnx_.node("Gather", {both, axis_index}, named(name), {{"axis", int64_t{0}}});
      };
      const std::string last = onnx_.node("Sub", {select_axis(size, "size"), one}, named("last"));
      const std::string period =
          onnx_.node("Max", {onnx_.node("Mul", {last, two}, named("there_and_back")), one}, named("period"));
      const std::string first = onnx_.integer(-o.margin[static_cast<size_t>(axis)]);
      std::string indices = onnx_.node("Range", {first, select_axis(end, "end"), one}, named("places"));
      indices = onnx_.node("Mod", {onnx_.node("Abs", {indices}, named("distance")), period}, named("in_period"));
      const std::string backward = onnx_.node("Sub", {period, indices}, named("back"));
      indices = onnx_.node("Min", {indices, backward}, named("mirrored"));
      x = onnx_.node("Gather", {x, indices}, axis == 0 ? named("taken") : output_, {{"axis", axis + 2}});
    }
  }

  /// Opset 13 has no group norm. Reshapes each group to one channel, applies instance norm, then scale and shift.
  void group_norm(const op::Norm& o, const OnnxAttributes& epsilon) const {
    const auto plain = [&](const char* name, float value) {
      return onnx_.initializer(part(name), torch::full({o.groups}, value));
    };
    const auto per_channel = [&](const char* name) {
      return onnx_.initializer(part(name), weights_.at(part(name)).view({1, o.channels, 1, 1}));
    };
    const std::string shape = onnx_.node("Shape", inputs_, part("shape"));
    std::string x = onnx_.node("Reshape", {inputs_[0], onnx_.integers({0, o.groups, -1})}, part("groups"));
    x = onnx_.node("InstanceNormalization", {x, plain("ones", 1), plain("zeros", 0)}, part("normal"), epsilon);
    x = onnx_.node("Reshape", {x, shape}, part("channels"));
    x = onnx_.node("Mul", {x, per_channel("weight")}, part("scaled"));
    onnx_.node("Add", {x, per_channel("bias")}, output_);
  }

  /// x/2 * (1 + erf(x / sqrt(2))), in the order that importers recognize. OpenCV 4.10 depends on this order, since it
  /// cannot multiply an image of unknown size by a scalar. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
  void gelu() const {
    const auto number = [&](const char* name, double value) {
      return onnx_.initializer(part(name), torch::tensor(static_cast<float>(value)));
    };
    std::string x = onnx_.node("Div", {inputs_[0], number("root", std::sqrt(2.0))}, part("deviations"));
    x = onnx_.node("Erf", {x}, part("erf"));
    x = onnx_.node("Add", {x, number("one", 1)}, part("doubled"));
    x = onnx_.node("Mul", {inputs_[0], x}, part("twice"));
    onnx_.node("Mul", {x, number("half", 0.5)}, output_);
  }

  OnnxWriter& onnx_;
  const TensorMap& weights_;
  const Node& node_;
  std::vector<std::string> inputs_;
  std::string output_;
};

}  // namespace

void write_onnx_node(OnnxWriter& onnx, const TensorMap& weights, const Node& node,
                     const std::vector<std::string>& inputs, const std::string& output) {
  std::visit(OnnxNodeWriter(onnx, weights, node, inputs, output), node.op);
}

}  // namespace unet
