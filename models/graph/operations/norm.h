#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

enum class NormKind { batch, instance, group };

/// Normalization with a learned scale and shift.
struct Norm {
  NormKind kind = NormKind::batch;
  int64_t channels = 0;
  int64_t groups = 1;     ///< only for group norm
  double eps = 1e-5;      ///< added to the variance
  double momentum = 0.1;  ///< weight of the newest batch in the running statistics; only for batch norm

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

}  // namespace unet::op
