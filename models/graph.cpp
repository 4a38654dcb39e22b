#include "models/graph.h"

#include <algorithm>

#include "configs/schema/error.h"

namespace unet {

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
  }
  fail(ErrorKind::internal, "[graph] an activation without a name");
}

int64_t op::padded_size(int64_t size, const PadToMultiple& pad) {
  return std::max((size + pad.multiple - 1) / pad.multiple * pad.multiple, pad.minimum);
}

Value Graph::add(std::string name, Op operation, std::vector<Value> inputs) {
  const auto input_channels = [&](size_t index) { return channels(inputs.at(index)); };
  const auto checked = [&](int64_t in, int64_t out) {
    if (input_channels(0) != in)
      fail(ErrorKind::internal, "[graph] ", name, ": got ", input_channels(0), " channels, expected ", in);
    return out;
  };
  const int64_t out =
      std::visit(overloaded{
                     [](const op::Input& o) { return o.channels; },
                     [&](const op::Conv2d& o) { return checked(o.in_channels, o.out_channels); },
                     [&](const op::ConvTranspose2d& o) { return checked(o.in_channels, o.out_channels); },
                     [&](const op::Norm& o) { return checked(o.channels, o.channels); },
                     [&](const op::Concatenate&) {
                       int64_t sum = 0;
                       for (size_t i = 0; i < inputs.size(); ++i) sum += input_channels(i);
                       return sum;
                     },
                     [&](const auto&) { return input_channels(0); },
                 },
                 operation);
  nodes_.push_back({std::move(name), std::move(operation), std::move(inputs), out});
  return {nodes_.size() - 1};
}

Graph without_padding(const Graph& graph) {
  Graph rest;
  std::vector<Value> places;  // in `rest`, by node of `graph`
  for (const Node& node : graph.nodes()) {
    std::vector<Value> inputs;
    for (const Value& input : node.inputs) inputs.push_back(places.at(input.node));
    const bool pads =
        std::holds_alternative<op::PadToMultiple>(node.op) || std::holds_alternative<op::CropLike>(node.op);
    places.push_back(pads ? inputs.front() : rest.add(node.name, node.op, inputs));
  }
  return rest;
}

}  // namespace unet
