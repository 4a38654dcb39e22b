#include "models/graph/operations/pooling.h"

#include "models/graph/operations/convolution.h"
#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/setting_text.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

int64_t MaxPool2d::output_channels(const InputChannels& in) const { return in[0]; }

Trace MaxPool2d::trace(const TraceInputs& in) const {
  return in.by_axis([&](size_t axis) {
    return std::pair(output_size(in.size(0, axis), kernel_size[axis], stride[axis], padding, /*dilation=*/1),
                     in.reach(0, axis).through_window(kernel_size[axis], stride[axis], padding));
  });
}

TensorSpecs MaxPool2d::tensors() const { return {}; }

std::string MaxPool2d::torchscript(const ScriptNode& node) const {
  return concat("torch.max_pool2d(", node.input(0), ", ", ScriptNode::list(kernel_size), ", ", ScriptNode::list(stride),
                ", ", ScriptNode::square(padding), ", [1, 1], False)");
}

std::string MaxPool2d::text() const {
  return concat("max pool ", sides_text(kernel_size),
                stride == kernel_size ? std::string() : " stride " + sides_or_number(stride));
}

OperationTraits MaxPool2d::traits() const { return {FusionRole::none, stride}; }

int64_t GlobalAvgPool2d::output_channels(const InputChannels& in) const { return in[0]; }

Trace GlobalAvgPool2d::trace(const TraceInputs& in) const {
  return in.by_axis([&](size_t axis) { return std::pair(int64_t{1}, Reach::whole_image(in.period()[axis])); });
}

TensorSpecs GlobalAvgPool2d::tensors() const { return {}; }

std::string GlobalAvgPool2d::torchscript(const ScriptNode& node) const {
  return "torch.adaptive_avg_pool2d(" + node.input(0) + ", [1, 1])";
}

std::string GlobalAvgPool2d::text() const { return "global average pool"; }

OperationTraits GlobalAvgPool2d::traits() const { return {}; }

}  // namespace unet::op
