#include "models/graph/operations/convolution.h"

#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/setting_text.h"
#include "models/graph/operations/trace.h"

namespace unet::op {

int64_t output_size(int64_t size, int64_t kernel_size, int64_t stride, int64_t padding, int64_t dilation) {
  return (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1;
}

int64_t output_size(int64_t size, const ConvTranspose2d& o, size_t axis) {
  return (size - 1) * o.stride[axis] - 2 * o.padding[axis] + o.dilation[axis] * (o.kernel_size[axis] - 1) +
         o.output_padding[axis] + 1;
}

int64_t Conv2d::output_channels(const InputChannels& in) const {
  in.expect(in_channels);
  return out_channels;
}

Trace Conv2d::trace(const TraceInputs& in) const {
  Trace out = in.by_axis([&](size_t axis) {
    const int64_t taps = dilation * (kernel_size - 1) + 1;
    return std::pair(output_size(in.size(0, axis), kernel_size, stride, padding, dilation),
                     in.reach(0, axis).through_window(taps, stride, padding));
  });
  out.multiply_adds = out.shape.values() * in_channels / groups * kernel_size * kernel_size;
  return out;
}

TensorSpecs Conv2d::tensors() const {
  return weight_and_bias({out_channels, in_channels / groups, kernel_size, kernel_size}, bias, out_channels);
}

std::string Conv2d::torchscript(const ScriptNode& node) const {
  return concat("torch.conv2d(", node.input(0), ", ", node.tensor("weight"), ", ", node.bias(bias), ", ",
                ScriptNode::square(stride), ", ", ScriptNode::square(padding), ", ", ScriptNode::square(dilation), ", ",
                groups, ")");
}

std::string Conv2d::text() const {
  const bool is_depthwise = groups > 1 && groups == in_channels && groups == out_channels;
  return concat(is_depthwise ? "depthwise conv " : "conv ", sides_text({kernel_size, kernel_size}),
                unless_default(" stride ", stride, 1), unless_default(" dilation ", dilation, 1),
                is_depthwise ? std::string() : unless_default(" groups ", groups, 1));
}

OperationTraits Conv2d::traits() const { return {FusionRole::convolution, {stride, stride}}; }

int64_t ConvTranspose2d::output_channels(const InputChannels& in) const {
  in.expect(in_channels);
  return out_channels;
}

Trace ConvTranspose2d::trace(const TraceInputs& in) const {
  Trace out = in.by_axis([&](size_t axis) {
    const int64_t step = stride[axis], cut = padding[axis];
    const int64_t extent = dilation[axis] * (kernel_size[axis] - 1);
    const Reach& reach = in.reach(0, axis);
    return std::pair(output_size(in.size(0, axis), *this, axis),
                     reach.through(
                         reach.count() * step, [&](int64_t i) { return -floor_divide(extent - i - cut, step); },
                         [&](int64_t i) { return floor_divide(i + cut, step); }));
  });
  out.multiply_adds = in.shape(0).values() * out_channels / groups * kernel_size[0] * kernel_size[1];
  return out;
}

TensorSpecs ConvTranspose2d::tensors() const {
  return weight_and_bias({in_channels, out_channels / groups, kernel_size[0], kernel_size[1]}, bias, out_channels);
}

std::string ConvTranspose2d::torchscript(const ScriptNode& node) const {
  return concat("torch.conv_transpose2d(", node.input(0), ", ", node.tensor("weight"), ", ", node.bias(bias), ", ",
                ScriptNode::list(stride), ", ", ScriptNode::list(padding), ", ", ScriptNode::list(output_padding), ", ",
                groups, ", ", ScriptNode::list(dilation), ")");
}

std::string ConvTranspose2d::text() const {
  return concat("conv transpose ", sides_text(kernel_size), " stride ", sides_or_number(stride),
                unless_default(" padding ", padding, 0), unless_default(" output_padding ", output_padding, 0),
                unless_default(" dilation ", dilation, 1), unless_default(" groups ", groups, 1));
}

OperationTraits ConvTranspose2d::traits() const { return {FusionRole::transposed_convolution}; }

}  // namespace unet::op
