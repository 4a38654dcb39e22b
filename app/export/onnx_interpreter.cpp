#include "app/export/onnx_interpreter.h"

#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "app/export/onnx_model.h"
#include "app/export/onnx_schema.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

using Tensors = std::vector<torch::Tensor>;

/// A node with its inputs.
struct Call {
  const OnnxNode& node;
  const Tensors& in;

  const torch::Tensor& input(size_t index) const {
    if (index >= in.size() || !in[index].defined())
      fail(ErrorKind::data, node.op_type, ": input ", index, " is missing");
    return in[index];
  }
  torch::Tensor optional(size_t index) const { return index < in.size() ? in[index] : torch::Tensor(); }
  std::vector<int64_t> list(const char* attribute) const { return find(node.lists, attribute); }
  double real(const char* attribute) const { return find(node.reals, attribute); }
  int64_t number(const char* attribute) const { return find(node.numbers, attribute); }
  std::string text(const char* attribute) const { return find(node.texts, attribute); }
  std::vector<int64_t> integers(size_t index) const {
    const auto values = input(index).to(torch::kLong).contiguous();
    return {values.data_ptr<int64_t>(), values.data_ptr<int64_t>() + values.numel()};
  }

 private:
  template <class Map>
  typename Map::mapped_type find(const Map& attributes, const char* name) const {
    const auto found = attributes.find(name);
    if (found == attributes.end()) fail(ErrorKind::data, node.op_type, ": no attribute ", name);
    return found->second;
  }
};

/// Returns the padding of height and width, which must be the same at both ends.
std::vector<int64_t> symmetric_pads(const Call& call) {
  const auto pads = call.list("pads");
  if (pads.size() != 4 || pads[0] != pads[2] || pads[1] != pads[3])
    fail(ErrorKind::data, call.node.op_type, ": expected equal pads at both ends");
  return {pads[0], pads[1]};
}

torch::Tensor conv(const Call& call) {
  return torch::conv2d(call.input(0), call.input(1), call.optional(2), call.list("strides"), symmetric_pads(call),
                       call.list("dilations"), call.number("group"));
}

torch::Tensor conv_transpose(const Call& call) {
  return torch::conv_transpose2d(call.input(0), call.input(1), call.optional(2), call.list("strides"),
                                 symmetric_pads(call), call.list("output_padding"), call.number("group"),
                                 call.list("dilations"));
}

torch::Tensor max_pool(const Call& call) {
  return torch::max_pool2d(call.input(0), call.list("kernel_shape"), call.list("strides"), symmetric_pads(call));
}

constexpr double kMaxFactor = 4096;  ///< limit for damaged files

torch::Tensor resize(const Call& call) {
  const auto factors = call.input(2).to(torch::kDouble).contiguous();
  const double* factor = factors.data_ptr<double>();
  if (factors.numel() != 4 || factor[0] != 1 || factor[1] != 1 || !(factor[2] >= 1 && factor[2] <= kMaxFactor) ||
      !(factor[3] >= 1 && factor[3] <= kMaxFactor))
    fail(ErrorKind::data, "Resize: expected factors of 1 to ", kMaxFactor, " for height and width");
  const auto& x = call.input(0);
  const std::vector<int64_t> size{static_cast<int64_t>(static_cast<double>(x.size(2)) * factor[2]),
                                  static_cast<int64_t>(static_cast<double>(x.size(3)) * factor[3])};
  const std::string mode = call.text("mode"), coordinates = call.text("coordinate_transformation_mode");
  if (mode == "nearest" && coordinates == "asymmetric" && call.text("nearest_mode") == "floor")
    return torch::upsample_nearest2d(x, size);
  if (mode != "linear" || (coordinates != "half_pixel" && coordinates != "align_corners"))
    fail(ErrorKind::data, "Resize: mode '", mode, "' with '", coordinates, "' is not supported");
  return torch::upsample_bilinear2d(x, size, coordinates == "align_corners");
}

torch::Tensor depth_to_space(const Call& call) {
  if (call.text("mode") != "CRD") fail(ErrorKind::data, "DepthToSpace: expected mode CRD");
  const int64_t factor = call.number("blocksize");
  if (factor < 1 || factor > static_cast<int64_t>(kMaxFactor))
    fail(ErrorKind::data, "DepthToSpace: got a blocksize of ", factor);
  return torch::pixel_shuffle(call.input(0), factor);
}

torch::Tensor gather(const Call& call) {
  const auto& indices = call.input(1);
  if (indices.dim() == 0) return call.input(0).select(call.number("axis"), indices.item<int64_t>());
  return torch::index_select(call.input(0), call.number("axis"), indices);
}

constexpr int64_t kMaxPadding = 4096;  ///< pixels; limit for damaged files

torch::Tensor range(const Call& call) {
  const auto first = call.input(0).item<int64_t>(), end = call.input(1).item<int64_t>();
  constexpr int64_t kMaxIndex = int64_t{1} << 24;
  if (call.input(2).item<int64_t>() != 1 || end < first || first < -kMaxIndex || end > kMaxIndex)
    fail(ErrorKind::data, "Range: expected consecutive integers");
  return torch::arange(first, end, torch::kLong);
}

torch::Tensor instance_normalization(const Call& call) {
  return torch::instance_norm(call.input(0), call.input(1), call.input(2), {}, {}, /*use_input_stats=*/true, 0.1,
                              call.real("epsilon"), /*cudnn_enabled=*/false);
}

torch::Tensor batch_normalization(const Call& call) {
  return torch::batch_norm(call.input(0), call.input(1), call.input(2), call.input(3), call.input(4),
                           /*training=*/false, 0.1, call.real("epsilon"), /*cudnn_enabled=*/false);
}

torch::Tensor divide(const Call& call) {
  const bool is_integer = !call.input(0).is_floating_point();
  return is_integer ? torch::div(call.input(0), call.input(1), "trunc") : torch::div(call.input(0), call.input(1));
}

/// Repeats rows and columns at the edges of (N,C,H,W).
torch::Tensor pad(const Call& call) {
  const auto pads = call.integers(1);
  const auto mode = call.node.texts.find("mode");
  if (mode == call.node.texts.end() || mode->second != "edge" || pads.size() != 8 || pads[0] != 0 || pads[1] != 0 ||
      pads[4] != 0 || pads[5] != 0)
    fail(ErrorKind::data, "Pad: expected mode edge, for height and width");
  if (*std::max_element(pads.begin(), pads.end()) > kMaxPadding)
    fail(ErrorKind::data, "Pad: expected at most ", kMaxPadding, " pixels");
  return torch::replication_pad2d(call.input(0), {pads[3], pads[7], pads[2], pads[6]});
}

torch::Tensor slice(const Call& call) {
  const auto starts = call.integers(1), ends = call.integers(2), axes = call.integers(3);
  if (starts.size() != axes.size() || ends.size() != axes.size())
    fail(ErrorKind::data, "Slice: starts, ends and axes differ in length");
  torch::Tensor x = call.input(0);
  for (size_t i = 0; i < axes.size(); ++i) x = x.slice(axes[i], starts[i], ends[i]);
  return x;
}

/// A size of 0 keeps the size of the input.
torch::Tensor reshape(const Call& call) {
  auto sizes = call.integers(1);
  for (size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] == 0) sizes[i] = call.input(0).size(static_cast<int64_t>(i));
  return call.input(0).reshape(sizes);
}

using Operation = torch::Tensor (*)(const Call&);

const std::map<std::string, Operation>& operations() {
  static const std::map<std::string, Operation> table{
      {"Abs", [](const Call& c) { return torch::abs(c.input(0)); }},
      {"Add", [](const Call& c) { return torch::add(c.input(0), c.input(1)); }},
      {"BatchNormalization", batch_normalization},
      {"Concat", [](const Call& c) { return torch::cat(c.in, c.number("axis")); }},
      {"Conv", conv},
      {"ConvTranspose", conv_transpose},
      {"DepthToSpace", depth_to_space},
      {"Div", divide},
      {"Elu", [](const Call& c) { return torch::elu(c.input(0), c.real("alpha")); }},
      {"Erf", [](const Call& c) { return torch::erf(c.input(0)); }},
      {"Gather", gather},
      {"GlobalAveragePool",
       [](const Call& c) {
         return torch::adaptive_avg_pool2d(c.input(0), {1, 1});
       }},
      {"Identity", [](const Call& c) { return c.input(0); }},
      {"InstanceNormalization", instance_normalization},
      {"LeakyRelu", [](const Call& c) { return torch::leaky_relu(c.input(0), c.real("alpha")); }},
      {"Max", [](const Call& c) { return torch::maximum(c.input(0), c.input(1)); }},
      {"MaxPool", max_pool},
      {"Min", [](const Call& c) { return torch::minimum(c.input(0), c.input(1)); }},
      {"Mod", [](const Call& c) { return torch::remainder(c.input(0), c.input(1)); }},
      {"Mul", [](const Call& c) { return torch::mul(c.input(0), c.input(1)); }},
      {"PRelu", [](const Call& c) { return torch::prelu(c.input(0), c.input(1).reshape({-1})); }},
      {"Pad", pad},
      {"Range", range},
      {"Relu", [](const Call& c) { return torch::relu(c.input(0)); }},
      {"Reshape", reshape},
      {"Resize", resize},
      {"Shape", [](const Call& c) { return torch::tensor(c.input(0).sizes().vec(), torch::kLong); }},
      {"Sigmoid", [](const Call& c) { return torch::sigmoid(c.input(0)); }},
      {"Slice", slice},
      {"Sub", [](const Call& c) { return torch::sub(c.input(0), c.input(1)); }},
  };
  return table;
}

/// Throws Error(data) for a model that cannot be run.
void check(const OnnxModel& model, const std::string& name) {
  if (model.inputs.size() != 1 || model.outputs.size() != 1)
    fail(ErrorKind::data, name, ": got ", model.inputs.size(), " inputs and ", model.outputs.size(),
         " outputs, expected one of each");
  if (model.opset != onnx::kOpset)
    fail(ErrorKind::data, name, ": got opset ", model.opset, ", expected ", onnx::kOpset);
  for (const OnnxNode& node : model.nodes)
    if (operations().count(node.op_type) == 0 || node.outputs.size() != 1)
      fail(ErrorKind::data, name, ": operation '", node.op_type, "' with ", node.outputs.size(),
           " outputs is not supported");
}

torch::Tensor run(const OnnxModel& model, const torch::Tensor& images) {
  TensorMap values = model.initializers;
  values[model.inputs[0]] = images;
  const auto value = [&](const std::string& name) {
    if (name.empty()) return torch::Tensor();
    const auto found = values.find(name);
    if (found == values.end()) fail(ErrorKind::data, "value '", name, "' is used before it is computed");
    return found->second;
  };
  for (const OnnxNode& node : model.nodes) {
    Tensors inputs;
    for (const std::string& input : node.inputs) inputs.push_back(value(input));
    values[node.outputs[0]] = operations().at(node.op_type)({node, inputs});
  }
  return value(model.outputs[0]);
}

}  // namespace

Forward onnx_interpreter(const std::string& bytes, const std::string& name) {
  const auto model = std::make_shared<OnnxModel>(parse_onnx(bytes, name));
  check(*model, name);
  return [model, name](const torch::Tensor& images) {
    try {
      return run(*model, images);
    } catch (const Error&) {
      throw;
    } catch (const c10::Error& error) {
      fail(ErrorKind::data, name, ": cannot be run: ", error.what_without_backtrace());
    } catch (const std::runtime_error& error) {  // LibTorch throws it for impossible shapes
      fail(ErrorKind::data, name, ": cannot be run: ", error.what());
    }
  };
}

}  // namespace unet
