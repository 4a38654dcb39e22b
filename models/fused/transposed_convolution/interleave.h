#pragma once

#include <torch/types.h>

#include "models/graph/graph.h"

namespace unet {

/// Whether `interleave` takes this: maps in channels_last on a CPU; of a skip connection, the channels of a pixel must
/// be consecutive.
bool can_interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const torch::Tensor& skip);

/// Interleaves the phases of a transposed convolution (see `phase_convolution`): (N,sh*sw*O,rows,cols) ->
/// (N,O,size[0],size[1]). Concatenates the result behind a skip connection (N,S,size[0],size[1]) of the same type,
/// where one is given, without storing it by itself: (N,S+O,size[0],size[1]).
torch::Tensor interleave(const op::ConvTranspose2d& o, const torch::Tensor& phases, const PerAxis& size,
                         const torch::Tensor& skip);

}  // namespace unet
