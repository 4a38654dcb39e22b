#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

struct Conv2d {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t kernel_size = 3;
  int64_t padding = 0;
  bool bias = true;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t groups = 1;

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

struct ConvTranspose2d {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  PerAxis kernel_size{2, 2};
  PerAxis stride{2, 2};
  PerAxis padding{0, 0};
  PerAxis output_padding{0, 0};
  int64_t groups = 1;
  bool bias = true;
  PerAxis dilation{1, 1};

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

/// Returns the height or width of the output of a convolution or a pooling for an input of `size`.
int64_t output_size(int64_t size, int64_t kernel_size, int64_t stride, int64_t padding, int64_t dilation);

/// Returns the height (axis 0) or width (1) of the output of a transposed convolution for an input of `size`:
/// (size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1.
int64_t output_size(int64_t size, const ConvTranspose2d& o, size_t axis);

}  // namespace unet::op
