#include "models/graph/costs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "models/graph/tensors.h"

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

  /// One value that depends on the whole image.
  static Reach of_everything(int64_t period) {
    Reach all(period, 1, [](int64_t i) { return std::pair(i, i); });
    all.is_everything_ = true;
    return all;
  }

  /// Values of which number `i` depends on numbers first(i) to last(i) of these; `count` of them in a period.
  template <class First, class Last>
  Reach through(int64_t count, const First& first, const Last& last) const {
    Reach reach(period_, count, [&](int64_t i) { return std::pair(pixel(first_, first(i)), pixel(last_, last(i))); });
    reach.is_everything_ = is_everything_;
    return reach;
  }

  /// Values that depend on `taps` of these beside each other, the first of value 0 before it by `before`, and so on
  /// every `stride` values.
  Reach through_window(int64_t taps, int64_t stride, int64_t before) const {
    return through(
        count() / stride, [&](int64_t i) { return i * stride - before; },
        [&](int64_t i) { return i * stride - before + taps - 1; });
  }

  Reach joined_with(const Reach& other) const {
    if (is_everything_ || other.is_everything_) return of_everything(period_);
    return Reach(period_, count(), [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      return std::pair(std::min(first_[at], other.first_[at]), std::max(last_[at], other.last_[at]));
    });
  }

  int64_t count() const { return static_cast<int64_t>(first_.size()); }

  /// Of an image of `image` pixels.
  int64_t size(int64_t image) const {
    if (is_everything_) return image;
    int64_t most = 0;
    for (size_t i = 0; i < first_.size(); ++i) most = std::max(most, last_[i] - first_[i] + 1);
    return most;
  }

 private:
  template <class Bounds>
  Reach(int64_t period, int64_t count, const Bounds& bounds) : period_(period) {
    for (int64_t i = 0; i < std::max<int64_t>(1, count); ++i) {
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
  bool is_everything_ = false;
  std::vector<int64_t> first_, last_;  ///< by value
};

/// Everything about a node that follows from its inputs.
struct NodeState {
  ImageShape shape;
  std::array<Reach, 2> reach;  ///< by axis
  int64_t multiply_adds = 0;
};

/// The state of one node. Every Op has its overload, so that a new one does not compile without.
class State {
 public:
  State(const Node& node, std::vector<NodeState> inputs, ImageShape image, PerAxis period)
      : node_(node), inputs_(std::move(inputs)), image_(image), period_(period) {}

  NodeState operator()(const op::Input& o) const {
    return {{o.channels, image_.height, image_.width}, {Reach::of_pixels(period_[0]), Reach::of_pixels(period_[1])}};
  }
  NodeState operator()(const op::Conv2d& o) const {
    NodeState out = by_axis([&](size_t axis) {
      const int64_t taps = o.dilation * (o.kernel_size - 1) + 1;
      return std::pair(op::output_size(size(0, axis), o.kernel_size, o.stride, o.padding, o.dilation),
                       reach(0, axis).through_window(taps, o.stride, o.padding));
    });
    out.multiply_adds = out.shape.values() * o.in_channels / o.groups * o.kernel_size * o.kernel_size;
    return out;
  }
  NodeState operator()(const op::ConvTranspose2d& o) const {
    NodeState out = by_axis([&](size_t axis) {
      const int64_t stride = o.stride[axis], padding = o.padding[axis];
      const int64_t extent = o.dilation[axis] * (o.kernel_size[axis] - 1);
      const Reach& in = reach(0, axis);
      return std::pair(op::output_size(size(0, axis), o, axis),
                       in.through(
                           in.count() * stride, [&](int64_t i) { return -floor_divide(extent - i - padding, stride); },
                           [&](int64_t i) { return floor_divide(i + padding, stride); }));
    });
    out.multiply_adds = inputs_[0].shape.values() * o.out_channels / o.groups * o.kernel_size[0] * o.kernel_size[1];
    return out;
  }
  NodeState operator()(const op::Norm&) const { return same(); }
  NodeState operator()(const op::Activation&) const { return same(); }
  NodeState operator()(const op::Dropout&) const { return same(); }
  NodeState operator()(const op::MaxPool2d& o) const {
    return by_axis([&](size_t axis) {
      return std::pair(op::output_size(size(0, axis), o.kernel_size[axis], o.stride[axis], o.padding, 1),
                       reach(0, axis).through_window(o.kernel_size[axis], o.stride[axis], o.padding));
    });
  }
  NodeState operator()(const op::GlobalAvgPool2d&) const {
    return by_axis([&](size_t axis) { return std::pair(int64_t{1}, Reach::of_everything(period_[axis])); });
  }
  NodeState operator()(const op::Concatenate&) const { return joined(); }
  NodeState operator()(const op::Add&) const { return joined(); }
  NodeState operator()(const op::Multiply&) const { return joined(); }
  NodeState operator()(const op::Interpolate& o) const {
    return by_axis([&](size_t axis) {
      const int64_t factor = o.factor[axis];
      const Reach& in = reach(0, axis);
      return std::pair(size(0, axis) * factor,
                       in.through(
                           in.count() * factor, [&](int64_t i) { return first_of(o, i, factor); },
                           [&](int64_t i) { return last_of(o, i, factor); }));
    });
  }
  NodeState operator()(const op::PixelShuffle& o) const {
    return by_axis([&](size_t axis) {
      const auto low = [&](int64_t i) { return floor_divide(i, o.factor); };
      const Reach& in = reach(0, axis);
      return std::pair(size(0, axis) * o.factor, in.through(in.count() * o.factor, low, low));
    });
  }
  NodeState operator()(const op::Pad& o) const {
    return by_axis([&](size_t axis) {
      return std::pair(op::padded_size(size(0, axis), o, axis), shifted(reach(0, axis), -o.margin[axis]));
    });
  }
  NodeState operator()(const op::CropLike& o) const {
    return by_axis([&](size_t axis) {
      const int64_t offset = o.center ? (size(0, axis) - size(1, axis)) / 2 : 0;
      return std::pair(size(1, axis), shifted(reach(0, axis), offset));
    });
  }

 private:
  int64_t size(size_t input, size_t axis) const {
    const ImageShape& shape = inputs_[input].shape;
    return axis == 0 ? shape.height : shape.width;
  }
  const Reach& reach(size_t input, size_t axis) const { return inputs_[input].reach[axis]; }

  /// `of_axis` gives (size, Reach).
  template <class OfAxis>
  NodeState by_axis(const OfAxis& of_axis) const {
    const auto vertical = of_axis(0), horizontal = of_axis(1);
    return {{node_.channels, vertical.first, horizontal.first}, {vertical.second, horizontal.second}};
  }
  NodeState same() const { return {{node_.channels, size(0, 0), size(0, 1)}, inputs_[0].reach}; }
  NodeState joined() const {
    NodeState out = same();
    for (const NodeState& input : inputs_)
      for (size_t axis = 0; axis < 2; ++axis) out.reach[axis] = out.reach[axis].joined_with(input.reach[axis]);
    return out;
  }

  static Reach shifted(const Reach& reach, int64_t by) {
    const auto moved = [&](int64_t i) { return i + by; };
    return reach.through(reach.count(), moved, moved);
  }

  /// Where corners are aligned, value i lies at i*(n-1)/(factor*n-1) of n; these bounds hold for every n.
  static int64_t first_of(const op::Interpolate& o, int64_t i, int64_t factor) {
    if (o.mode == op::InterpolateMode::nearest) return floor_divide(i, factor);
    return o.align_corners ? floor_divide(i - factor + 1, factor) : floor_divide(2 * i + 1 - factor, 2 * factor);
  }
  static int64_t last_of(const op::Interpolate& o, int64_t i, int64_t factor) {
    if (o.mode == op::InterpolateMode::nearest) return floor_divide(i, factor);
    return o.align_corners ? floor_divide(i, factor) + 1 : first_of(o, i, factor) + 1;
  }

  const Node& node_;
  std::vector<NodeState> inputs_;
  ImageShape image_;
  PerAxis period_;
};

/// A number of pixels after which all strides begin anew.
PerAxis stride_period(const Graph& graph) {
  PerAxis period{1, 1};
  for (const Node& node : graph.nodes()) {
    if (const auto* conv = std::get_if<op::Conv2d>(&node.op))
      for (int64_t& each : period) each *= conv->stride;
    if (const auto* pool = std::get_if<op::MaxPool2d>(&node.op))
      for (size_t axis = 0; axis < 2; ++axis) period[axis] *= pool->stride[axis];
  }
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
  const PerAxis period = stride_period(graph);
  std::vector<NodeState> states;
  std::vector<NodeCost> costs;
  for (const Node& node : graph.nodes()) {
    std::vector<NodeState> inputs;
    for (const Value& input : node.inputs) inputs.push_back(states[input.node]);
    states.push_back(std::visit(State(node, std::move(inputs), {0, height, width}, period), node.op));
    const NodeState& state = states.back();
    const int64_t seen = std::max(state.reach[0].size(height), state.reach[1].size(width));
    costs.push_back({state.shape, learned_values(node), state.multiply_adds, seen});
  }
  return costs;
}

}  // namespace unet
