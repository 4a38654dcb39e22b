#pragma once

#include <string>

#include "app/checkpoint/safetensors.h"
#include "models/unet/unet.h"

namespace unet {

/// What the shapes of weights say of the network that they were trained in.
struct InferredUNet {
  UNetOptions options;
  int64_t channels = 0;  ///< of the images
};

/// `given` holds the options that weights do not show, such as the activation and the way of up-sampling, and, where
/// `norm_is_given`, the norm, as instance and group norm have the same tensors. Throws Error(data) listing by name and
/// shape what does not fit, before anything is allocated. `name` is for messages.
InferredUNet infer_unet(const TensorMap& weights, const UNetOptions& given, bool norm_is_given,
                        const std::string& name);

}  // namespace unet
