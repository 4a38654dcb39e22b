#pragma once

#include "models/execution/network.h"

namespace unet {

/// Plans training: batch norm with ReLU, and a transposed convolution with the concatenation behind it. Where our
/// kernels do not take the maps (see `can_batch_norm_relu`), a region runs LibTorch's. `network` must outlive the plan.
ExecutionPlan training_plan(const NetworkImpl& network);

}  // namespace unet
