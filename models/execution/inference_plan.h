#pragma once

#include "models/execution/network.h"

namespace unet {

/// What runs as one operation in inference on a CPU: convolutions with the norm folded into their weights and the ReLU
/// done with them (see PackedConvolution), and transposed convolutions that write into the concatenation. For the
/// weights and statistics that the network has now; `images` (N,C,H,W) is the size to be made ready for, others are
/// taken too.
ExecutionPlan inference_plan(const NetworkImpl& network, const std::vector<int64_t>& images, torch::ScalarType dtype,
                             torch::MemoryFormat memory_format);

}  // namespace unet
