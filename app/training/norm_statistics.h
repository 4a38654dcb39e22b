#pragma once

#include <functional>
#include <optional>

#include "app/runtime/execution.h"

namespace unet {

/// Makes the running statistics of every BatchNorm in training mode the mean over the batches that `next` gives (images
/// as (N,C,H,W) float; nothing at the end). Source: torch.optim.swa_utils.update_bn.
void estimate_norm_statistics(NetworkImpl& network, const Execution& execution,
                              const std::function<std::optional<torch::Tensor>()>& next);

bool has_batch_norm(const NetworkImpl& network);

}  // namespace unet
