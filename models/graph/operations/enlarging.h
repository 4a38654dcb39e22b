#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

enum class InterpolateMode { nearest, bilinear };

/// Upsamples height and width by `factor`.
struct Interpolate {
  InterpolateMode mode = InterpolateMode::nearest;
  PerAxis factor{2, 2};
  bool align_corners = false;  ///< only for bilinear

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

/// Rearranges channels into pixels: channel c*factor^2 + i*factor + j becomes pixel (i, j) of channel c.
struct PixelShuffle {
  int64_t factor = 2;

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

}  // namespace unet::op
