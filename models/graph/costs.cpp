#include "models/graph/costs.h"

#include <algorithm>
#include <utility>

#include "models/graph/tensors.h"

namespace unet {
namespace {

/// Returns the number of pixels after which the pattern of all strides repeats.
PerAxis stride_period(const Graph& graph) {
  PerAxis period{1, 1};
  for (const Node& node : graph.nodes()) {
    const PerAxis stride = traits_of(node.op).stride;
    for (size_t axis = 0; axis < 2; ++axis) period[axis] *= stride[axis];
  }
  return period;
}

int64_t parameter_count(const Node& node) {
  int64_t sum = 0;
  for (const auto& [name, tensor] : own_tensors(node.op)) {
    if (!tensor.is_parameter) continue;
    int64_t values = 1;
    for (const int64_t side : tensor.shape) values *= side;
    sum += values;
  }
  return sum;
}

}  // namespace

std::vector<NodeCost> node_costs(const Graph& graph, int64_t height, int64_t width) {
  const PerAxis period = stride_period(graph);
  std::vector<Trace> traces;
  std::vector<NodeCost> costs;
  for (const Node& node : graph.nodes()) {
    std::vector<Trace> input_traces;
    for (const Value& input : node.inputs) input_traces.push_back(traces[input.node]);
    const TraceInputs in(node.channels, std::move(input_traces), {0, height, width}, period);
    traces.push_back(std::visit([&](const auto& o) { return o.trace(in); }, node.op));
    const Trace& trace = traces.back();
    const int64_t receptive_field = std::max(trace.reach[0].size(height), trace.reach[1].size(width));
    costs.push_back({trace.shape, parameter_count(node), trace.multiply_adds, receptive_field});
  }
  return costs;
}

}  // namespace unet
