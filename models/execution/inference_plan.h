#pragma once

#include "models/execution/network.h"

namespace unet {

/// Plans inference: convolutions with batch norm folded into their weights and ReLU done with them (see
/// PackedConvolution), and transposed convolutions that write into the concatenation. Made for the weights and
/// statistics that the network has now, and fastest for `images` (N,C,H,W); other sizes work too.
ExecutionPlan inference_plan(const NetworkImpl& network, const std::vector<int64_t>& images, torch::ScalarType dtype,
                             torch::MemoryFormat memory_format);

}  // namespace unet
