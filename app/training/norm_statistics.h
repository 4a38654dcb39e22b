#pragma once

#include <functional>
#include <optional>

#include "app/runtime/execution.h"

namespace unet {

/// Sets the running statistics of every BatchNorm in training mode to the mean over the batches that `next` returns:
/// images (N,C,H,W) float, nullopt at the end. Source: torch.optim.swa_utils.update_bn.
void estimate_norm_statistics(NetworkImpl& network, const Execution& execution,
                              const std::function<std::optional<torch::Tensor>()>& next);

/// Whether the network has a BatchNorm in training mode.
bool has_batch_norm(const NetworkImpl& network);

}  // namespace unet
