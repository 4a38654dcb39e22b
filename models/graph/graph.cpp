#include "models/graph/graph.h"

#include <algorithm>
#include <functional>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// The nodes that are wanted, in their order; in the place of those that `passes` names is their first input.
Graph filtered(const Graph& graph, const std::vector<bool>& wanted, const std::function<bool(const Node&)>& passes) {
  Graph rest;
  std::vector<Value> places(graph.nodes().size());  // in `rest`, by node of `graph`
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    if (!wanted[i]) continue;
    const Node& node = graph.nodes()[i];
    std::vector<Value> inputs;
    for (const Value& input : node.inputs) inputs.push_back(places.at(input.node));
    places[i] = passes(node) ? inputs.front() : rest.add(node.name, node.op, inputs);
  }
  for (const Value& value : graph.auxiliary())
    if (wanted[value.node]) rest.add_auxiliary(places[value.node]);
  if (graph.wanted_padding()) rest.want_padding(*graph.wanted_padding());
  return rest;
}

}  // namespace

const char* op::activation_name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu:
      return "relu";
    case ActivationKind::leaky_relu:
      return "leaky_relu";
    case ActivationKind::elu:
      return "elu";
    case ActivationKind::silu:
      return "silu";
    case ActivationKind::gelu:
      return "gelu";
    case ActivationKind::prelu:
      return "prelu";
    case ActivationKind::sigmoid:
      return "sigmoid";
  }
  fail(ErrorKind::internal, "[graph] an activation without a name");
}

int64_t op::output_size(int64_t size, int64_t kernel_size, int64_t stride, int64_t padding, int64_t dilation) {
  return (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1;
}

int64_t op::output_size(int64_t size, const ConvTranspose2d& o, size_t axis) {
  return (size - 1) * o.stride[axis] - 2 * o.padding[axis] + o.dilation[axis] * (o.kernel_size[axis] - 1) +
         o.output_padding[axis] + 1;
}

int64_t op::padded_size(int64_t size, const Pad& pad, size_t axis) {
  const int64_t multiple = pad.multiple[axis], remainder = pad.remainder[axis];
  const int64_t least = std::max(size, pad.minimum[axis]);
  const int64_t multiples = std::max<int64_t>(0, (least - remainder + multiple - 1) / multiple);
  return multiples * multiple + remainder + 2 * pad.margin[axis];
}

Value Graph::add(std::string name, Op operation, std::vector<Value> inputs) {
  const auto input_channels = [&](size_t index) { return channels(inputs.at(index)); };
  const auto checked = [&](int64_t in, int64_t out) {
    if (input_channels(0) != in)
      fail(ErrorKind::internal, "[graph] ", name, ": got ", input_channels(0), " channels, expected ", in);
    return out;
  };
  const int64_t out = std::visit(
      overloaded{
          [](const op::Input& o) { return o.channels; },
          [&](const op::Conv2d& o) { return checked(o.in_channels, o.out_channels); },
          [&](const op::ConvTranspose2d& o) { return checked(o.in_channels, o.out_channels); },
          [&](const op::Norm& o) { return checked(o.channels, o.channels); },
          [&](const op::Concatenate&) {
            int64_t sum = 0;
            for (size_t i = 0; i < inputs.size(); ++i) sum += input_channels(i);
            return sum;
          },
          [&](const op::Add&) { return checked(input_channels(1), input_channels(0)); },
          [&](const op::Multiply&) {
            return input_channels(1) == 1 ? input_channels(0) : checked(input_channels(1), input_channels(0));
          },
          [&](const op::PixelShuffle& o) {
            const int64_t pixels = o.factor * o.factor;
            return checked(input_channels(0) / pixels * pixels, input_channels(0) / pixels);
          },
          [&](const auto&) { return input_channels(0); },
      },
      operation);
  nodes_.push_back({std::move(name), operation, std::move(inputs), out});
  return {nodes_.size() - 1};
}

std::vector<bool> needed_for_output(const Graph& graph) {
  std::vector<bool> needed(graph.nodes().size());
  needed.back() = true;
  for (size_t i = needed.size(); i-- > 0;)
    if (needed[i])
      for (const Value& input : graph.nodes()[i].inputs) needed[input.node] = true;
  return needed;
}

Graph without_auxiliary(const Graph& graph) {
  auto wanted = needed_for_output(graph);
  for (const Value& value : graph.auxiliary())
    if (wanted[value.node]) fail(ErrorKind::internal, "[graph] an auxiliary output that the output needs");
  return filtered(graph, wanted, [](const Node&) { return false; });
}

Graph without_padding(const Graph& graph) {
  if (!graph.auxiliary().empty()) fail(ErrorKind::internal, "[graph] without padding: auxiliary outputs are left");
  const std::vector<bool> all(graph.nodes().size(), true);
  Graph rest = filtered(graph, all, [&](const Node& node) {
    const bool crops_to_image = std::holds_alternative<op::CropLike>(node.op) && node.inputs[1].node == 0;
    return crops_to_image || std::holds_alternative<op::Pad>(node.op);
  });
  for (const Node& node : graph.nodes())
    if (const auto* pad = std::get_if<op::Pad>(&node.op)) rest.want_padding(*pad);
  return rest;
}

}  // namespace unet
