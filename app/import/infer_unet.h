#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "models/unet/unet.h"

namespace unet {

/// A network inferred from the shapes of its weights.
struct InferredUNet {
  UNetOptions options;
  int64_t channels = 0;  ///< channels of the images
};

/// Infers a network. `given` holds the options that weights do not determine, such as the activation and the upsampling
/// mode, and the norm if `norm_is_given`, since instance and group norm have the same tensors. Throws Error(data) with
/// the names and shapes of tensors that do not fit, before it allocates any. `name` is for messages.
InferredUNet infer_unet(const TensorMap& weights, const UNetOptions& given, bool norm_is_given,
                        const std::string& name);

}  // namespace unet
