#include <cstdlib>

#include "models/fused/convolution/weight_gradient_amx.h"

namespace unet::kernels {

// Never called: processor_has_amx() is false in this build.
void weight_gradient(const ConvolutionSizes&, const Bf16*, const Bf16*, float*) { std::abort(); }

}  // namespace unet::kernels
