#pragma once

#include <cstddef>
#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// Consecutive nodes [first, last) that can run as one operation: each is read by the next one only.
struct Fusion {
  enum class Kind {
    norm_relu,             ///< batch norm, ReLU
    upsample_concatenate,  ///< transposed convolution, concatenation with a skip connection
    convolution,           ///< convolution, then batch norm and ReLU if they follow
    upsample,              ///< transposed convolution
  };
  Kind kind;
  size_t first = 0, last = 0;
};

/// Fusions for training. Batch norms are not folded into convolutions, since their statistics depend on the batch.
std::vector<Fusion> training_fusions(const Graph& graph);

/// Fusions for inference.
std::vector<Fusion> inference_fusions(const Graph& graph);

}  // namespace unet
