#include "models/graph/operations/dropout.h"

#include "configs/schema/error.h"
#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

int64_t Dropout::output_channels(const InputChannels& in) const { return in[0]; }

Trace Dropout::trace(const TraceInputs& in) const { return in.pointwise(); }

TensorSpecs Dropout::tensors() const { return {}; }

std::string Dropout::torchscript(const ScriptNode& node) const { return node.input(0); }

std::string Dropout::text() const { return concat("dropout ", probability); }

OperationTraits Dropout::traits() const {
  OperationTraits traits;
  traits.draws_random = true;
  traits.extends_layer = true;
  return traits;
}

}  // namespace unet::op
