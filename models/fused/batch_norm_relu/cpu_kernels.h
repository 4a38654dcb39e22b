#pragma once

#include <cstdint>

#include "models/kernels/lanes.h"

namespace unet::kernels {

/// The parts of relu(batch_norm(x)) over `pixels` neighbouring pixels, whose `channels` values lie together
/// (channels_last); each on the calling thread. T is float or Bf16.

/// Adds x - shift and its square, by channel.
template <class T>
void add_moments(const T* x, int64_t pixels, int64_t channels, const float* shift, double* sums, double* squares);

/// y = max(0, x * scale + offset).
template <class T>
void scale_relu(const T* x, int64_t pixels, int64_t channels, const float* scale, const float* offset, T* y);

/// Where the gradient of y counts: where x * scale + offset is above 0. Adds it, and it times x - mean.
template <class T>
void add_gradient_moments(const T* x, const T* gradient, int64_t pixels, int64_t channels, const float* scale,
                          const float* offset, const float* mean, double* sums, double* products);

/// The gradient of x: scale * (gradient where it counts) + slope * (x - mean) + constant.
template <class T>
void scale_relu_backward(const T* x, const T* gradient, int64_t pixels, int64_t channels, const float* scale,
                         const float* offset, const float* mean, const float* slope, const float* constant,
                         T* x_gradient);

}  // namespace unet::kernels
