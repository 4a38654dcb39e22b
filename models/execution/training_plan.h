#pragma once

#include "models/execution/network.h"

namespace unet {

/// What runs as one operation in training: batch norm with ReLU, and a transposed convolution with the concatenation
/// that follows. A step takes LibTorch's own kernels where the maps are not such as ours need (see
/// `can_batch_norm_relu`). `network` must outlive the plan.
ExecutionPlan training_plan(const NetworkImpl& network);

}  // namespace unet
