#pragma once

#include <cstdint>

#include "models/kernels/lanes.h"

namespace unet::kernels {

/// Logits of neighbouring pixels: value of class c of pixel p at [c * class_stride + p * pixel_stride].
struct LogitsLayout {
  int64_t classes = 0, class_stride = 0, pixel_stride = 0;
};

/// Sums by class over labelled pixels; each points to as many as there are classes.
struct SoftmaxSums {
  double* nll;          ///< of minus the log of the probability of the pixel's own class
  double* overlap;      ///< of the probability of the pixel's own class
  double* probability;  ///< of all probabilities
  double* truth;        ///< of pixels
};

/// Adds those of `pixels` pixels, some thousands at most, as some sums run in floats; T is float or Bf16. Labels that
/// are `ignored` have no part. False where another label is no class; sums are of no use then.
template <class T>
bool add_softmax_sums(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                      int64_t ignored, const SoftmaxSums& sums);

/// The gradient of the logits, laid out as they are, where by class `nll`, `overlap` and `probability` are those of the
/// sums.
template <class T>
void softmax_sums_backward(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                           int64_t ignored, const float* nll, const float* overlap, const float* probability,
                           T* gradient);

}  // namespace unet::kernels
