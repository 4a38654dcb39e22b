#pragma once

#include <torch/types.h>

#include "models/graph/graph.h"

namespace unet {

/// Whether `interleave` takes this: maps in channels_last on a CPU, and, where there is a skip connection, one that
/// lies so within each pixel.
bool can_interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const torch::Tensor& skip);

/// Puts the phases of a transposed convolution (see `phases_of`) between each other: (N,sh*sw*O,rows,cols) ->
/// (N,O,size[0],size[1]). With a skip connection (N,S,size[0],size[1]), of the same type: (N,S+O,size[0],size[1]), its
/// channels first, without a map of the result alone.
torch::Tensor interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const PerAxis& size,
                         const torch::Tensor& skip);

}  // namespace unet
