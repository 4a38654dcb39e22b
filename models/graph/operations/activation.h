#pragma once

#include "models/graph/operations/readers.h"

namespace unet::op {

/// `prelu` owns one slope for all channels.
enum class ActivationKind { relu, leaky_relu, elu, silu, gelu, prelu, sigmoid };

/// Returns PyTorch's name of the function, which is also the name in a config.
const char* activation_name(ActivationKind kind);

struct Activation {
  ActivationKind kind = ActivationKind::relu;
  double negative_slope = 0.01;  ///< of leaky_relu
  double alpha = 1;              ///< of elu
  double init = 0.25;            ///< initial slope of prelu

  int64_t output_channels(const InputChannels& in) const;
  Trace trace(const TraceInputs& in) const;
  TensorSpecs tensors() const;
  std::string torchscript(const ScriptNode& node) const;
  std::string text() const;
  OperationTraits traits() const;
};

}  // namespace unet::op
