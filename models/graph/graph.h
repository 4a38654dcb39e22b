#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "configs/schema/per_axis.h"

namespace unet {

/// The primitive operations that every network here is made of. Names and meanings are PyTorch's.
namespace op {

/// The images, (N,channels,H,W).
struct Input {
  int64_t channels = 0;
};

struct Conv2d {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t kernel_size = 3;
  int64_t padding = 0;
  bool bias = true;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t groups = 1;
};

/// The height or width that a convolution or a pooling makes of `size`.
int64_t output_size(int64_t size, int64_t kernel_size, int64_t stride, int64_t padding, int64_t dilation);

struct ConvTranspose2d {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  PerAxis kernel_size{2, 2};
  PerAxis stride{2, 2};
  PerAxis padding{0, 0};
  PerAxis output_padding{0, 0};
  int64_t groups = 1;
  bool bias = true;
  PerAxis dilation{1, 1};
};

/// The height (axis 0) or width (1) that it makes of `size`:
/// (size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1.
int64_t output_size(int64_t size, const ConvTranspose2d& o, size_t axis);

enum class NormKind { batch, instance, group };

/// Normalisation with learned scale and shift; `groups` only for group norm.
struct Norm {
  NormKind kind = NormKind::batch;
  int64_t channels = 0;
  int64_t groups = 1;
};

/// `prelu` owns one slope for all channels.
enum class ActivationKind { relu, leaky_relu, elu, silu, gelu, prelu, sigmoid };

/// PyTorch's name of the function, and the name in a config.
const char* activation_name(ActivationKind kind);

struct Activation {
  ActivationKind kind = ActivationKind::relu;
};

/// Zeroes single values with this probability while training.
struct Dropout {
  double probability = 0;
};

struct MaxPool2d {
  PerAxis kernel_size{2, 2};
  PerAxis stride{2, 2};
  int64_t padding = 0;
};

/// The mean over height and width, of size 1x1.
struct GlobalAvgPool2d {};

/// Along the channels.
struct Concatenate {};

/// The sum of two.
struct Add {};

/// The product of the first and the second, which may have one channel, or height and width 1.
struct Multiply {};

enum class InterpolateMode { nearest, bilinear };

/// Makes height and width `factor` times as large.
struct Interpolate {
  InterpolateMode mode = InterpolateMode::nearest;
  PerAxis factor{2, 2};
  bool align_corners = false;  ///< only for bilinear
};

/// Channel c*factor^2 + i*factor + j becomes pixel (i, j) of channel c.
struct PixelShuffle {
  int64_t factor = 2;
};

/// Enlarges height and width to what the network takes: to the smallest `size` that is not below the image's nor below
/// `minimum`, with size % multiple == remainder. The image lies at the top left; the rest repeats its last row and
/// column. With `mirror` a `margin` lies around all of it, which convolutions without padding take off again, and the
/// rest is the image's reflection (as often as need be, its edge not repeated).
struct Pad {
  PerAxis multiple{1, 1};
  PerAxis minimum{1, 1};
  PerAxis remainder{0, 0};
  PerAxis margin{0, 0};
  bool mirror = false;
};

/// The height (axis 0) or width (1) that comes of this one.
int64_t padded_size(int64_t size, const Pad& pad, size_t axis);

/// The first input cut to the height and width of the second: at the bottom and right, or on all sides alike.
struct CropLike {
  bool center = false;
};

}  // namespace op

using Op = std::variant<op::Input, op::Conv2d, op::ConvTranspose2d, op::Norm, op::Activation, op::Dropout,
                        op::MaxPool2d, op::GlobalAvgPool2d, op::Concatenate, op::Add, op::Multiply, op::Interpolate,
                        op::PixelShuffle, op::Pad, op::CropLike>;

/// The output of a node, by the node's place in the graph.
struct Value {
  size_t node = 0;
};

/// One operation. `name` is the dotted path of the module that owns the parameters, equal to the name
/// in an equivalent Python module.
struct Node {
  std::string name;
  Op op;
  std::vector<Value> inputs;
  int64_t channels = 0;  ///< of the output
};

/// What a network computes, written once. Readers (eager execution, costs, tensors, exports) walk the nodes, whose
/// inputs always come before them; the last node is the output.
class Graph {
 public:
  Value add(std::string name, Op op, std::vector<Value> inputs);

  /// A further output, wanted in training only.
  void add_auxiliary(Value value) { auxiliary_.push_back(value); }

  /// How images must be enlarged before they are given to this graph; nothing where it takes any.
  const std::optional<op::Pad>& wanted_padding() const { return wanted_padding_; }
  void want_padding(const op::Pad& pad) { wanted_padding_ = pad; }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Value>& auxiliary() const { return auxiliary_; }
  int64_t channels(Value value) const { return nodes_.at(value.node).channels; }

 private:
  std::vector<Node> nodes_;
  std::vector<Value> auxiliary_;
  std::optional<op::Pad> wanted_padding_;
};

/// By node: whether the last one is computed from it.
std::vector<bool> needed_for_output(const Graph& graph);

/// The graph without auxiliary outputs, and without the nodes that only these need.
Graph without_auxiliary(const Graph& graph);

/// The graph for images whose height and width need no padding: without the node that pads, and without those that cut
/// off again what it added.
Graph without_padding(const Graph& graph);

/// Merges visitors of a variant: `std::visit(overloaded{[](const op::Conv2d&) {...}, ...}, node.op)`.
template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace unet
