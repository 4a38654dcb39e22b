#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

/// Zeroes each value with this probability in training.
struct Dropout {
  double probability = 0;

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

}  // namespace unet::op
