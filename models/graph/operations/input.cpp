#include "models/graph/operations/input.h"

#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

int64_t Input::output_channels(const InputChannels&) const { return channels; }

Trace Input::trace(const TraceInputs& in) const {
  return {{channels, in.image().height, in.image().width},
          {Reach::pixels(in.period()[0]), Reach::pixels(in.period()[1])}};
}

TensorSpecs Input::tensors() const { return {}; }

std::string Input::torchscript(const ScriptNode&) const { return "image"; }

std::string Input::text() const { return "input"; }

OperationTraits Input::traits() const { return {}; }

}  // namespace unet::op
