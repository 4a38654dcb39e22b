#pragma once

#include <cstddef>
#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// Neighbouring nodes [first, last) that can run as one operation: each is read by the next, and by nothing else.
struct Fusion {
  enum class Kind {
    norm_relu,             ///< batch norm, ReLU
    upsample_concatenate,  ///< transposed convolution, concatenation with a skip connection that comes first
    convolution,           ///< convolution, then what there is of batch norm and ReLU
    upsample,              ///< transposed convolution
  };
  Kind kind;
  size_t first = 0, last = 0;
};

/// In training the statistics of a batch norm hang on the batch; it cannot go into a convolution.
std::vector<Fusion> training_fusions(const Graph& graph);

std::vector<Fusion> inference_fusions(const Graph& graph);

}  // namespace unet
