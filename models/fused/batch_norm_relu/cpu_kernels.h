#pragma once

#include <cstdint>

#include "models/kernels/lanes.h"

namespace unet::kernels {

// Steps of relu(batch_norm(x)) over `pixels` consecutive pixels in channels_last, on the calling thread. T is float or
// Bf16.

/// Adds x - shift to `sums` and its square to `squares`, by channel.
template <class T>
void add_moments(const T* x, int64_t pixels, int64_t channels, const float* shift, double* sums, double* squares);

/// y = max(0, x * scale + offset).
template <class T>
void scale_relu(const T* x, int64_t pixels, int64_t channels, const float* scale, const float* offset, T* y);

/// Adds the gradient of y to `sums` and its product with x - mean to `products`, where ReLU passes the gradient: where
/// x * scale + offset is above 0.
template <class T>
void add_gradient_moments(const T* x, const T* gradient, int64_t pixels, int64_t channels, const float* scale,
                          const float* offset, const float* mean, double* sums, double* products);

/// Computes the gradient of x: scale * (gradient where ReLU passes it) + slope * (x - mean) + constant.
template <class T>
void scale_relu_backward(const T* x, const T* gradient, int64_t pixels, int64_t channels, const float* scale,
                         const float* offset, const float* mean, const float* slope, const float* constant, T* grad_x);

}  // namespace unet::kernels
