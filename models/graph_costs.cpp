#include "models/graph_costs.h"

#include <algorithm>
#include <utility>

#include "models/graph_tensors.h"

namespace unet {
namespace {

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// The pixels, along one side of an image without end, that each value depends on. After `period` pixels all is the
/// same again, so that the values in one period tell all.
class Reach {
 public:
  static Reach of_pixels(int64_t period) {
    return Reach(period, period, [](int64_t i) { return std::pair(i, i); });
  }

  /// Values of which number `i` depends on numbers first(i) to last(i) of these; `count` of them in a period.
  template <class First, class Last>
  Reach through(int64_t count, const First& first, const Last& last) const {
    return Reach(period_, count, [&](int64_t i) { return std::pair(pixel(first_, first(i)), pixel(last_, last(i))); });
  }

  Reach joined_with(const Reach& other) const {
    return Reach(period_, count(), [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      return std::pair(std::min(first_[at], other.first_[at]), std::max(last_[at], other.last_[at]));
    });
  }

  int64_t count() const { return static_cast<int64_t>(first_.size()); }

  int64_t size() const {
    int64_t most = 0;
    for (size_t i = 0; i < first_.size(); ++i) most = std::max(most, last_[i] - first_[i] + 1);
    return most;
  }

 private:
  template <class Bounds>
  Reach(int64_t period, int64_t count, const Bounds& bounds) : period_(period) {
    for (int64_t i = 0; i < count; ++i) {
      const auto [first, last] = bounds(i);
      first_.push_back(first);
      last_.push_back(last);
    }
  }

  int64_t pixel(const std::vector<int64_t>& pixels, int64_t i) const {
    const int64_t periods = floor_divide(i, count());
    return pixels[static_cast<size_t>(i - periods * count())] + periods * period_;
  }

  int64_t period_;
  std::vector<int64_t> first_, last_;  ///< by value
};

/// Everything about a node that follows from its inputs.
struct NodeState {
  ImageShape shape;
  Reach reach;
  int64_t multiply_adds = 0;
};

/// The state of one node. Every Op has its overload, so that a new one does not compile without.
class State {
 public:
  State(const Node& node, std::vector<NodeState> inputs, ImageShape image, int64_t period)
      : node_(node), inputs_(std::move(inputs)), image_(image), period_(period) {}

  NodeState operator()(const op::Input& o) const {
    return {{o.channels, image_.height, image_.width}, Reach::of_pixels(period_)};
  }
  NodeState operator()(const op::Conv2d& o) const {
    const int64_t lost = o.kernel_size - 1 - 2 * o.padding;
    const Reach& in = inputs_[0].reach;
    const Reach reach = in.through(
        in.count(), [&](int64_t i) { return i - o.padding; },
        [&](int64_t i) { return i - o.padding + o.kernel_size - 1; });
    NodeState out = sized(inputs_[0].shape.height - lost, inputs_[0].shape.width - lost, reach);
    out.multiply_adds = out.shape.values() * o.in_channels * o.kernel_size * o.kernel_size;
    return out;
  }
  NodeState operator()(const op::ConvTranspose2d& o) const {
    const auto output_size = [&](int64_t size) { return (size - 1) * o.stride + o.kernel_size; };
    const Reach& in = inputs_[0].reach;
    const Reach reach = in.through(
        in.count() * o.stride, [&](int64_t i) { return -floor_divide(o.kernel_size - 1 - i, o.stride); },
        [&](int64_t i) { return floor_divide(i, o.stride); });
    NodeState out = sized(output_size(inputs_[0].shape.height), output_size(inputs_[0].shape.width), reach);
    out.multiply_adds = inputs_[0].shape.values() * o.out_channels * o.kernel_size * o.kernel_size;
    return out;
  }
  NodeState operator()(const op::Norm&) const { return same(); }
  NodeState operator()(const op::Activation&) const { return same(); }
  NodeState operator()(const op::Dropout&) const { return same(); }
  NodeState operator()(const op::MaxPool2d&) const {
    const Reach& in = inputs_[0].reach;
    const Reach reach = in.through(
        in.count() / 2, [](int64_t i) { return 2 * i; }, [](int64_t i) { return 2 * i + 1; });
    return sized(inputs_[0].shape.height / 2, inputs_[0].shape.width / 2, reach);
  }
  NodeState operator()(const op::Concatenate&) const {
    NodeState out = same();
    for (const NodeState& input : inputs_) out.reach = out.reach.joined_with(input.reach);
    return out;
  }
  NodeState operator()(const op::PadToMultiple& o) const {
    return sized(op::padded_size(inputs_[0].shape.height, o), op::padded_size(inputs_[0].shape.width, o),
                 inputs_[0].reach);
  }
  NodeState operator()(const op::CropLike&) const {
    return sized(inputs_[1].shape.height, inputs_[1].shape.width, inputs_[0].reach);
  }

 private:
  NodeState sized(int64_t height, int64_t width, const Reach& reach) const {
    return {{node_.channels, height, width}, reach};
  }
  NodeState same() const { return sized(inputs_[0].shape.height, inputs_[0].shape.width, inputs_[0].reach); }

  const Node& node_;
  std::vector<NodeState> inputs_;
  ImageShape image_;
  int64_t period_;
};

/// Pixels after which the pooling begins anew.
int64_t pooling_period(const Graph& graph) {
  int64_t period = 1;
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<op::MaxPool2d>(node.op)) period *= 2;
  return period;
}

int64_t learned_values(const Node& node) {
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
  const int64_t period = pooling_period(graph);
  std::vector<NodeState> states;
  std::vector<NodeCost> costs;
  for (const Node& node : graph.nodes()) {
    std::vector<NodeState> inputs;
    for (const Value& input : node.inputs) inputs.push_back(states[input.node]);
    states.push_back(std::visit(State(node, std::move(inputs), {0, height, width}, period), node.op));
    const NodeState& state = states.back();
    costs.push_back({state.shape, learned_values(node), state.multiply_adds, state.reach.size()});
  }
  return costs;
}

}  // namespace unet
