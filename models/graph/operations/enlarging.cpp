#include "models/graph/operations/enlarging.h"

#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/setting_text.h"
#include "models/graph/operations/trace.h"

namespace unet::op {
namespace {

/// Returns the first input value that output value i depends on. With align_corners, value i is at i*(n-1)/(factor*n-1)
/// of n input values; the bounds hold for every n.
int64_t first_source(const Interpolate& o, int64_t i, int64_t factor) {
  if (o.mode == InterpolateMode::nearest) return floor_divide(i, factor);
  return o.align_corners ? floor_divide(i - factor + 1, factor) : floor_divide(2 * i + 1 - factor, 2 * factor);
}

/// Returns the last input value that output value i depends on.
int64_t last_source(const Interpolate& o, int64_t i, int64_t factor) {
  if (o.mode == InterpolateMode::nearest) return floor_divide(i, factor);
  return o.align_corners ? floor_divide(i, factor) + 1 : first_source(o, i, factor) + 1;
}

}  // namespace

int64_t Interpolate::output_channels(const InputChannels& in) const { return in[0]; }

Trace Interpolate::trace(const TraceInputs& in) const {
  return in.by_axis([&](size_t axis) {
    const int64_t times = factor[axis];
    const Reach& reach = in.reach(0, axis);
    return std::pair(in.size(0, axis) * times,
                     reach.through(
                         reach.count() * times, [&](int64_t i) { return first_source(*this, i, times); },
                         [&](int64_t i) { return last_source(*this, i, times); }));
  });
}

TensorSpecs Interpolate::tensors() const { return {}; }

std::string Interpolate::torchscript(const ScriptNode& node) const {
  const std::string sizes =
      concat("[", node.size(0, 2), " * ", factor[0], ", ", node.size(0, 3), " * ", factor[1], "]");
  if (mode == InterpolateMode::nearest) return concat("torch.upsample_nearest2d(", node.input(0), ", ", sizes, ")");
  return concat("torch.upsample_bilinear2d(", node.input(0), ", ", sizes, ", ", align_corners ? "True)" : "False)");
}

std::string Interpolate::text() const {
  return concat(mode == InterpolateMode::nearest ? "nearest x" : "bilinear x", sides_or_number(factor),
                align_corners ? " align_corners" : "");
}

OperationTraits Interpolate::traits() const { return {}; }

int64_t PixelShuffle::output_channels(const InputChannels& in) const {
  const int64_t pixels = factor * factor;
  in.expect(in[0] / pixels * pixels);
  return in[0] / pixels;
}

Trace PixelShuffle::trace(const TraceInputs& in) const {
  return in.by_axis([&](size_t axis) {
    const auto source = [&](int64_t i) { return floor_divide(i, factor); };
    const Reach& reach = in.reach(0, axis);
    return std::pair(in.size(0, axis) * factor, reach.through(reach.count() * factor, source, source));
  });
}

TensorSpecs PixelShuffle::tensors() const { return {}; }

std::string PixelShuffle::torchscript(const ScriptNode& node) const {
  return concat("torch.pixel_shuffle(", node.input(0), ", ", factor, ")");
}

std::string PixelShuffle::text() const { return concat("pixel shuffle x", factor); }

OperationTraits PixelShuffle::traits() const {
  OperationTraits traits;
  traits.extends_layer = true;
  return traits;
}

}  // namespace unet::op
