#pragma once

namespace unet {

/// The kernels that compute a network: our fused ones where they fit, or LibTorch's alone. The option
/// `train.fast_paths` chooses between them.
enum class KernelChoice { fused, libtorch };

}  // namespace unet
