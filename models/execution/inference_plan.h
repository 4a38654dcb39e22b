#pragma once

#include "models/execution/network.h"

namespace unet {

/// Plans inference: convolutions with batch norm folded into their weights and fused ReLU (see PackedConvolution), and
/// transposed convolutions that write into the concatenation. The plan keeps the network's present weights and
/// statistics. It is fastest for images of size `images` (N,C,H,W); other sizes work too.
ExecutionPlan inference_plan(const NetworkImpl& network, const std::vector<int64_t>& images, torch::ScalarType dtype,
                             torch::MemoryFormat memory_format);

}  // namespace unet
