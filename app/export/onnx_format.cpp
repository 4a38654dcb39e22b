#include <torch/torch.h>

#include <cmath>

#include "app/checkpoint/checkpoint.h"
#include "app/export/export_format.h"
#include "app/export/onnx_interpreter.h"
#include "app/export/onnx_writer.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

constexpr const char* kInput = "image";
constexpr const char* kOutput = "logits";
constexpr float kEpsilon = 1e-5F;  // of all norms
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int32_t>::max();

/// Writes one node of a graph as ONNX operations. Every Op has its overload, so that a new one does not compile
/// without.
class OnnxNodeWriter {
 public:
  /// `inputs` and `output` are names of ONNX values.
  OnnxNodeWriter(OnnxWriter& onnx, const TensorMap& weights, const Node& node, std::vector<std::string> inputs,
                 std::string output)
      : onnx_(onnx), weights_(weights), node_(node), inputs_(std::move(inputs)), output_(std::move(output)) {}

  void operator()(const op::Input& o) const { onnx_.input(output_, o.channels); }

  void operator()(const op::Conv2d& o) const {
    onnx_.node("Conv", with_weights(o.bias), output_,
               {{"kernel_shape", square(o.kernel_size)},
                {"pads", std::vector<int64_t>(4, o.padding)},
                {"strides", square(1)}});
  }
  void operator()(const op::ConvTranspose2d& o) const {
    onnx_.node("ConvTranspose", with_weights(o.bias), output_,
               {{"kernel_shape", square(o.kernel_size)}, {"strides", square(o.stride)}});
  }

  void operator()(const op::Norm& o) const {
    const OnnxAttributes epsilon{{"epsilon", kEpsilon}};
    switch (o.kind) {
      case op::NormKind::batch: {
        auto inputs = with_weights(true);
        for (const char* name : {"running_mean", "running_var"}) inputs.push_back(weight(name));
        onnx_.node("BatchNormalization", inputs, output_, epsilon);
        return;
      }
      case op::NormKind::instance:
        onnx_.node("InstanceNormalization", with_weights(true), output_, epsilon);
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
        onnx_.node("LeakyRelu", inputs_, output_, {{"alpha", 0.01F}});
        return;
      case op::ActivationKind::elu:
        onnx_.node("Elu", inputs_, output_, {{"alpha", 1.0F}});
        return;
      case op::ActivationKind::silu:
        onnx_.node("Mul", {inputs_[0], onnx_.node("Sigmoid", inputs_, part("sigmoid"))}, output_);
        return;
      case op::ActivationKind::gelu:
        gelu();
        return;
    }
    fail(ErrorKind::internal, "[onnx] an activation without an operation");
  }

  void operator()(const op::Dropout&) const { onnx_.node("Identity", inputs_, output_); }
  void operator()(const op::MaxPool2d&) const {
    onnx_.node("MaxPool", inputs_, output_, {{"kernel_shape", square(2)}, {"strides", square(2)}});
  }
  void operator()(const op::Concatenate&) const { onnx_.node("Concat", inputs_, output_, {{"axis", int64_t{1}}}); }

  void operator()(const op::PadToMultiple& o) const {
    const std::string size = height_and_width(inputs_[0]);
    const std::string multiple = onnx_.integers({o.multiple});
    std::string wanted = onnx_.node("Add", {size, onnx_.integers({o.multiple - 1})}, part("rounded_up"));
    wanted = onnx_.node("Div", {wanted, multiple}, part("multiples"));
    wanted = onnx_.node("Mul", {wanted, multiple}, part("multiple"));
    wanted = onnx_.node("Max", {wanted, onnx_.integers({o.minimum})}, part("size"));
    const std::string missing = onnx_.node("Sub", {wanted, size}, part("missing"));
    const std::string pads = onnx_.node("Concat", {onnx_.integers({0, 0, 0, 0, 0, 0}), missing}, part("pads"),
                                        {{"axis", int64_t{0}}});  // begins of all axes, then ends
    onnx_.node("Pad", {inputs_[0], pads}, output_, {{"mode", std::string("edge")}});
  }
  void operator()(const op::CropLike&) const {
    const std::string size = height_and_width(inputs_[1]);
    onnx_.node("Slice", {inputs_[0], onnx_.integers({0, 0}), size, onnx_.integers({2, 3})}, output_);
  }

 private:
  static std::vector<int64_t> square(int64_t size) { return {size, size}; }

  /// A value or tensor that belongs to this node.
  std::string part(const std::string& name) const { return node_.name + "." + name; }
  std::string weight(const std::string& name) const { return onnx_.initializer(part(name), weights_.at(part(name))); }
  std::vector<std::string> with_weights(bool bias) const {
    std::vector<std::string> inputs{inputs_[0], weight("weight")};
    if (bias) inputs.push_back(weight("bias"));
    return inputs;
  }

  std::string height_and_width(const std::string& images) const {
    const std::string shape = onnx_.node("Shape", {images}, part("shape"));
    return onnx_.node("Gather", {shape, onnx_.integers({2, 3})}, part("height_and_width"), {{"axis", int64_t{0}}});
  }

  /// Opset 13 has no group norm: the instance norm of images whose channels are groups, unrolled; then scale and shift.
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

  /// x/2 * (1 + erf(x / sqrt(2))), in the order by which importers know it; OpenCV 4.10 must, for it cannot multiply an
  /// image of unknown size by a number. Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
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

class OnnxFormat : public ExportFormat {
 public:
  std::string to_bytes(const NetworkImpl& network, const Metadata& metadata) const override {
    const auto& nodes = network.graph().nodes();
    const TensorMap weights = weights_of(network);
    const auto value_name = [&](size_t i) {
      return i == 0 ? std::string(kInput) : i == nodes.size() - 1 ? std::string(kOutput) : nodes[i].name;
    };
    OnnxWriter onnx;
    for (size_t i = 0; i < nodes.size(); ++i) {
      std::vector<std::string> inputs;
      for (const Value& input : nodes[i].inputs) inputs.push_back(value_name(input.node));
      std::visit(OnnxNodeWriter(onnx, weights, nodes[i], inputs, value_name(i)), nodes[i].op);
    }
    onnx.output(kOutput, nodes.back().channels);
    return onnx.finish(metadata);
  }

  Forward read(const std::string& bytes, const std::string& name, const Graph&) const override {
    return onnx_interpreter(bytes, name);
  }

  int64_t max_bytes() const override { return kMaxMessageBytes - (1 << 20); }  // of which names take a little
};

}  // namespace

std::unique_ptr<ExportFormat> make_onnx_format() { return std::make_unique<OnnxFormat>(); }

}  // namespace unet
