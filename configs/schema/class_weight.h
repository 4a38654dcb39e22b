#pragma once

#include <cmath>

namespace unet {

/// Weight of a class under `class_weights: auto`, from its share in [0,1] of the labeled training pixels.
/// Source: Paszke et al. 2016, arXiv:1606.02147, with 1.1 for their 1.02.
inline double class_weight(double share) { return 1 / std::log(1.1 + share); }

}  // namespace unet
