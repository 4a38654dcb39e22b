#pragma once

#include <cmath>

namespace unet {

/// Returns the weight of a class under `class_weights: auto`. `share`: fraction of the labeled training pixels, in
/// [0,1]. Source: Paszke et al. 2016, arXiv:1606.02147, with 1.1 in place of their 1.02.
inline double class_weight(double share) { return 1 / std::log(1.1 + share); }

}  // namespace unet
