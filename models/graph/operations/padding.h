#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

/// Enlarges height and width to what the network takes: to the smallest `size` that is not below the image's nor below
/// `minimum`, with size % multiple == remainder. The image lies at the top left; its last row and column are repeated.
/// With `mirror` the image is reflected instead, as often as needed and without repeating its edge, also into a
/// `margin` on every side, which convolutions without padding take off again.
struct Pad {
  PerAxis multiple{1, 1};
  PerAxis minimum{1, 1};
  PerAxis remainder{0, 0};
  PerAxis margin{0, 0};
  bool mirror = false;

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

/// Height (axis 0) or width (1) after padding `size`.
int64_t padded_size(int64_t size, const Pad& pad, size_t axis);

/// Cuts the first input to the height and width of the second: at the bottom and right, or on all sides alike.
struct CropLike {
  bool center = false;

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

}  // namespace unet::op
