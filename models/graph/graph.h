#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/operations/operations.h"

namespace unet {

/// The output of a node, identified by the node's index in the graph.
struct Value {
  size_t node = 0;
};

/// One operation.
struct Node {
  std::string name;  ///< dotted path of the module that owns the parameters, equal to that in a Python module
  Op op;
  std::vector<Value> inputs;
  int64_t channels = 0;  ///< of the output
  std::string part;      ///< part of the network, e.g. "encoder"; empty outside of all parts
  std::string block;     ///< block of the network, e.g. "encoder.0"; empty outside of all blocks
};

/// The computation of a network, described once. Readers (execution, costs, tensors, exports) walk the nodes. Inputs of
/// a node always precede it; the last node is the output.
class Graph {
 public:
  /// Assigns the nodes added during its lifetime to a part and a block. Scopes nest; the innermost applies.
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

  /// Appends a node. Throws Error(internal) if the channels of its inputs do not fit the operation.
  Value add(std::string name, Op op, std::vector<Value> inputs);

  /// Adds an output that is only used in training.
  void add_auxiliary(Value value) { auxiliary_.push_back(value); }

  /// The padding that images need before they enter this graph; empty if it accepts any size.
  const std::optional<op::Pad>& wanted_padding() const { return wanted_padding_; }
  void want_padding(const op::Pad& pad) { wanted_padding_ = pad; }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Value>& auxiliary() const { return auxiliary_; }
  int64_t channels(Value value) const { return nodes_.at(value.node).channels; }

 private:
  std::vector<Node> nodes_;
  std::vector<Value> auxiliary_;
  std::optional<op::Pad> wanted_padding_;
  std::string part_, block_;  ///< of the nodes added next
};

/// Returns for each node whether the output depends on it.
std::vector<bool> needed_for_output(const Graph& graph);

/// Returns the graph without auxiliary outputs and the nodes that only they need.
Graph without_auxiliary(const Graph& graph);

/// Returns the graph for images that need no padding: without the padding node and the crops that undo it.
Graph without_padding(const Graph& graph);

}  // namespace unet
