#pragma once

namespace unet {

/// The kernels that compute a network: our fused kernels where they apply, or only LibTorch's. The option
/// `train.fast_paths` chooses between them.
enum class KernelChoice { fused, libtorch };

}  // namespace unet
