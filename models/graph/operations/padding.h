#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

/// Pads height and width to a size that the network supports: the smallest with size % multiple == remainder that is
/// not below the image's size or `minimum`. The image is at the top left; its last row and column are repeated. With
/// `mirror`, the image is reflected instead, as often as needed and without repeating its edge. It is then also
/// reflected into a `margin` on every side, which valid convolutions remove again.
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

/// Returns the height (axis 0) or width (1) after padding `size`.
int64_t padded_size(int64_t size, const Pad& pad, size_t axis);

/// Crops the first input to the height and width of the second: at the bottom and right, or around the center.
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
