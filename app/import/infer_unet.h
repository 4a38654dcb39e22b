#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "models/unet/unet.h"

namespace unet {

/// The network that weights belong to, inferred from their shapes.
struct InferredUNet {
  UNetOptions options;
  int64_t channels = 0;  ///< of the images
};

/// Infers a network. `given` holds the options that weights do not reveal, such as the activation and the up-sampling
/// mode, and the norm where `norm_is_given`, since instance and group norm have the same tensors. Throws Error(data)
/// with the names and shapes of tensors that do not fit, before it allocates any. `name` is for messages.
InferredUNet infer_unet(const TensorMap& weights, const UNetOptions& given, bool norm_is_given,
                        const std::string& name);

}  // namespace unet
