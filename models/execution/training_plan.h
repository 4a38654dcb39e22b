#pragma once

#include "models/execution/network.h"

namespace unet {

/// Plans training: batch norm with ReLU, and a transposed convolution with the concatenation that follows. A region
/// runs LibTorch's kernels if ours do not support its input (see `can_batch_norm_relu`). `network` must outlive the
/// plan.
ExecutionPlan training_plan(const NetworkImpl& network);

}  // namespace unet
