#pragma once

#include <torch/types.h>

#include "models/graph/graph.h"

namespace unet {

/// Whether `interleave` supports the input: one group, phases in channels_last on a CPU, and a skip connection, if
/// given, of the same type whose channels of a pixel are consecutive in memory.
bool can_interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const torch::Tensor& skip);

/// Interleaves the phases of a transposed convolution (see `phase_convolution`): (N,sh*sw*O,rows,cols) ->
/// (N,O,size[0],size[1]). If a skip connection (N,S,size[0],size[1]) is given, writes the concatenation [skip, result]
/// directly: (N,S+O,size[0],size[1]).
torch::Tensor interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const PerAxis& size,
                         const torch::Tensor& skip);

}  // namespace unet
