#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

struct MaxPool2d {
  PerAxis kernel_size{2, 2};
  PerAxis stride{2, 2};
  int64_t padding = 0;

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

/// Mean over height and width; the output has size 1x1.
struct GlobalAvgPool2d {
  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

}  // namespace unet::op
