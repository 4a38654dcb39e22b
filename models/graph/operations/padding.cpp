#include "models/graph/operations/padding.h"

#include <algorithm>

#include "models/graph/operations/input_channels.h"
#include "models/graph/operations/script_node.h"
#include "models/graph/operations/setting_text.h"
#include "models/graph/operations/trace.h"

namespace unet::op {
namespace {

/// Returns the expression for the rows (axis 0) or columns (1) to add at the bottom or right. See padded_size.
std::string missing(const Pad& o, const std::string& image_size, size_t axis) {
  const int64_t multiple = o.multiple[axis], remainder = o.remainder[axis];
  return concat("(max(", image_size, ", ", o.minimum[axis], ") - ", remainder, " + ", multiple - 1, ") // ", multiple,
                " * ", multiple, " + ", remainder + o.margin[axis], " - ", image_size);
}

/// Returns the expression for the indices of a side that is reflected at both ends as often as needed.
std::string mirrored(const Pad& o, const ScriptNode& node, size_t axis) {
  const std::string image_size = node.size(0, axis + 2);
  const std::string period = concat("max(1, 2 * (", image_size, " - 1))");
  const std::string places =
      concat("torch.remainder(torch.abs(torch.arange(", -o.margin[axis], ", ", image_size, " + ",
             missing(o, image_size, axis), ", device=", node.input(0), ".device)), ", period, ")");
  return concat("torch.minimum(", places, ", ", period, " - ", places, ")");
}

/// Returns the slice of one dimension of the first input that is as large as the second input.
std::string slice(const CropLike& o, const ScriptNode& node, size_t dimension) {
  const std::string begin =
      o.center ? concat("(", node.size(0, dimension), " - ", node.size(1, dimension), ") // 2") : std::string("0");
  return concat(begin, ":", begin, " + ", node.size(1, dimension));
}

}  // namespace

int64_t padded_size(int64_t size, const Pad& pad, size_t axis) {
  const int64_t multiple = pad.multiple[axis], remainder = pad.remainder[axis];
  const int64_t least = std::max(size, pad.minimum[axis]);
  const int64_t multiples = std::max<int64_t>(0, (least - remainder + multiple - 1) / multiple);
  return multiples * multiple + remainder + 2 * pad.margin[axis];
}

int64_t Pad::output_channels(const InputChannels& in) const { return in[0]; }

Trace Pad::trace(const TraceInputs& in) const {
  return in.by_axis([&](size_t axis) {
    return std::pair(padded_size(in.size(0, axis), *this, axis), in.reach(0, axis).shifted(-margin[axis]));
  });
}

TensorSpecs Pad::tensors() const { return {}; }

std::string Pad::torchscript(const ScriptNode& node) const {
  if (mirror)
    return concat("torch.index_select(torch.index_select(", node.input(0), ", 2, ", mirrored(*this, node, 0), "), 3, ",
                  mirrored(*this, node, 1), ")");
  return concat("torch.replication_pad2d(", node.input(0), ", [0, ", missing(*this, node.size(0, 3), 1), ", 0, ",
                missing(*this, node.size(0, 2), 0), "])");
}

std::string Pad::text() const {
  if (mirror) return concat("reflection pad ", sides_or_number(margin));
  return concat("pad to a multiple of ", sides_or_number(multiple));
}

OperationTraits Pad::traits() const { return {}; }

int64_t CropLike::output_channels(const InputChannels& in) const { return in[0]; }

Trace CropLike::trace(const TraceInputs& in) const {
  return in.by_axis([&](size_t axis) {
    const int64_t offset = center ? (in.size(0, axis) - in.size(1, axis)) / 2 : 0;
    return std::pair(in.size(1, axis), in.reach(0, axis).shifted(offset));
  });
}

TensorSpecs CropLike::tensors() const { return {}; }

std::string CropLike::torchscript(const ScriptNode& node) const {
  return concat(node.input(0), "[:, :, ", slice(*this, node, 2), ", ", slice(*this, node, 3), "]");
}

std::string CropLike::text() const { return center ? "center crop" : "crop to the image"; }

OperationTraits CropLike::traits() const { return {}; }

}  // namespace unet::op
