#pragma once

#include <cstdint>

#include "models/kernels/lanes.h"

namespace unet::kernels {

/// Memory layout of logits: the value of class c at pixel p is at [c * class_stride + p * pixel_stride].
struct LogitsLayout {
  int64_t classes = 0, class_stride = 0, pixel_stride = 0;
};

/// Sums over labeled pixels; each array has one element per class.
struct SoftmaxSums {
  double* nll;          ///< sum of -log(probability of the pixel's own class), by that class
  double* overlap;      ///< sum of the probability of the pixel's own class, by that class
  double* probability;  ///< sum of the probability of each class
  double* truth;        ///< number of pixels of each class
};

/// Adds the softmax of `pixels` pixels to `sums`. T is float or Bf16. Some sums are in float, so `pixels` should be a
/// few thousand at most. Skips pixels whose label is `ignored`. Returns false if another label is not a class; `sums`
/// is then incomplete.
template <class T>
bool add_softmax_sums(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                      int64_t ignored, const SoftmaxSums& sums);

/// Writes the gradient of the logits, in their layout, from the gradients of the sums: one value per class each.
template <class T>
void softmax_sums_backward(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                           int64_t ignored, const float* grad_nll, const float* grad_overlap,
                           const float* grad_probability, T* grad_logits);

}  // namespace unet::kernels
