#pragma once

namespace unet {

/// A weight map that emphasizes the gaps between objects: w = 1 + w0 exp(-(d1 + d2)^2 / (2 sigma^2)), where d1 and d2
/// are the distances of a pixel to the nearest and the second nearest object.
/// Source: Ronneberger et al. 2015, arXiv:1505.04597, equation 2, with w_c = 1.
struct BoundaryWeights {
  double w0 = 10;    ///< weight added where two objects touch
  double sigma = 5;  ///< pixels
};

inline bool operator==(const BoundaryWeights& a, const BoundaryWeights& b) {
  return a.w0 == b.w0 && a.sigma == b.sigma;
}

}  // namespace unet
