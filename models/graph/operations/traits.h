#pragma once

#include "configs/schema/per_axis.h"

namespace unet {

/// The place of an operation in a fused region (see fusion.h).
enum class FusionRole { none, convolution, transposed_convolution, batch_norm, relu, concatenation };

/// Properties of an operation that readers of a graph need besides what it computes.
struct OperationTraits {
  FusionRole fusion = FusionRole::none;
  PerAxis stride{1, 1};        ///< divisor of height and width
  bool draws_random = false;   ///< draws random numbers in training
  bool extends_layer = false;  ///< listed on one line with the layer before it, like norms and activations
};

}  // namespace unet
