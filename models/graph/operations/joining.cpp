#include "models/graph/operations/joining.h"

#include <numeric>

#include "configs/schema/error.h"
#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

int64_t Concatenate::output_channels(const InputChannels& in) const {
  return std::accumulate(in.all().begin(), in.all().end(), int64_t{0});
}

Trace Concatenate::trace(const TraceInputs& in) const { return in.joined(); }

TensorSpecs Concatenate::tensors() const { return {}; }

std::string Concatenate::torchscript(const ScriptNode& node) const {
  std::string list;
  for (const std::string& input : node.inputs()) list += (list.empty() ? "" : ", ") + input;
  return "torch.cat([" + list + "], 1)";
}

std::string Concatenate::text() const { return "concatenate"; }

OperationTraits Concatenate::traits() const { return {FusionRole::concatenation}; }

int64_t Add::output_channels(const InputChannels& in) const {
  in.expect(in[1]);
  return in[0];
}

Trace Add::trace(const TraceInputs& in) const { return in.joined(); }

TensorSpecs Add::tensors() const { return {}; }

std::string Add::torchscript(const ScriptNode& node) const { return concat(node.input(0), " + ", node.input(1)); }

std::string Add::text() const { return "add"; }

OperationTraits Add::traits() const { return {}; }

int64_t Multiply::output_channels(const InputChannels& in) const {
  if (in[1] != 1) in.expect(in[1]);
  return in[0];
}

Trace Multiply::trace(const TraceInputs& in) const { return in.joined(); }

TensorSpecs Multiply::tensors() const { return {}; }

std::string Multiply::torchscript(const ScriptNode& node) const { return concat(node.input(0), " * ", node.input(1)); }

std::string Multiply::text() const { return "multiply"; }

OperationTraits Multiply::traits() const { return {}; }

}  // namespace unet::op
