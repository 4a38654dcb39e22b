#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

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
};

struct ConvTranspose2d {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t kernel_size = 2;
  int64_t stride = 2;
  bool bias = true;
};

enum class NormKind { batch, instance, group };

/// Normalisation with learned scale and shift; `groups` only for group norm.
struct Norm {
  NormKind kind = NormKind::batch;
  int64_t channels = 0;
  int64_t groups = 1;
};

enum class ActivationKind { relu, leaky_relu, elu, silu, gelu };

/// PyTorch's name of the function, and the name in a config.
const char* activation_name(ActivationKind kind);

struct Activation {
  ActivationKind kind = ActivationKind::relu;
};

/// Zeroes single values with this probability while training.
struct Dropout {
  double probability = 0;
};

/// Kernel and stride 2.
struct MaxPool2d {};

/// Along the channels.
struct Concatenate {};

/// Repeats the last row and column until height and width are multiples of `multiple` and at least `minimum`.
struct PadToMultiple {
  int64_t multiple = 1;
  int64_t minimum = 1;
};

/// The height or width that comes of this one.
int64_t padded_size(int64_t size, const PadToMultiple& pad);

/// The first input, cut at the bottom and right to the height and width of the second.
struct CropLike {};

}  // namespace op

using Op = std::variant<op::Input, op::Conv2d, op::ConvTranspose2d, op::Norm, op::Activation, op::Dropout,
                        op::MaxPool2d, op::Concatenate, op::PadToMultiple, op::CropLike>;

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

  const std::vector<Node>& nodes() const { return nodes_; }
  int64_t channels(Value value) const { return nodes_.at(value.node).channels; }

 private:
  std::vector<Node> nodes_;
};

/// The graph for images whose height and width need no padding: without the nodes that pad and that crop.
Graph without_padding(const Graph& graph);

/// Merges visitors of a variant: `std::visit(overloaded{[](const op::Conv2d&) {...}, ...}, node.op)`.
template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace unet
