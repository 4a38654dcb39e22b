#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/operations/operations.h"

namespace unet {

/// Output of a node, by the node's index in the graph.
struct Value {
  size_t node = 0;
};

/// One operation.
struct Node {
  std::string name;  ///< dotted path of the module that owns the parameters, equal to that in a Python module
  Op op;
  std::vector<Value> inputs;
  int64_t channels = 0;  ///< of the output
  std::string part;      ///< part of the network, as "encoder"; empty outside of all
  std::string block;     ///< block of the network, as "encoder.0"; empty outside of all
};

/// What a network computes, written once. Readers (execution, costs, tensors, exports) walk the nodes, whose inputs
/// always come before them; the last node is the output.
class Graph {
 public:
  /// Assigns the nodes that are added during its lifetime to a part and a block. Scopes nest; the innermost counts.
  class Scope {
   public:
    Scope(Graph& graph, std::string part, std::string block);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Graph& graph_;
    std::string outer_part_, outer_block_;
  };

  /// Appends a node. Throws Error(internal) where the channels of its inputs do not fit the operation.
  Value add(std::string name, Op op, std::vector<Value> inputs);

  /// Adds an output that is only wanted in training.
  void add_auxiliary(Value value) { auxiliary_.push_back(value); }

  /// How images must be enlarged before they are given to this graph; empty where it takes any size.
  const std::optional<op::Pad>& wanted_padding() const { return wanted_padding_; }
  void want_padding(const op::Pad& pad) { wanted_padding_ = pad; }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Value>& auxiliary() const { return auxiliary_; }
  int64_t channels(Value value) const { return nodes_.at(value.node).channels; }

 private:
  std::vector<Node> nodes_;
  std::vector<Value> auxiliary_;
  std::optional<op::Pad> wanted_padding_;
  std::string part_, block_;  ///< of nodes to come
};

/// Whether the output is computed from a node, by node.
std::vector<bool> needed_for_output(const Graph& graph);

/// The graph without auxiliary outputs and the nodes that only they need.
Graph without_auxiliary(const Graph& graph);

/// The graph for images that need no padding: without the node that pads and those that crop to the image again.
Graph without_padding(const Graph& graph);

}  // namespace unet
