#pragma once

#include <cmath>

// For one pass over memory, on the CPU or, by nvcc, on CUDA.
#ifdef __CUDACC__
#define UNET_HOST_DEVICE __host__ __device__
#else
#define UNET_HOST_DEVICE
#endif

namespace unet {

// What an optimizer rule does with one value p of a parameter, its gradient g and its states; see optimizer_rules.cpp,
// where the same is done by operations on tensors. The numbers are those of a step, and are taken in the values' type.

struct SgdValue {
  double lr, weight_decay, gradient_factor, momentum;
  bool is_first, nesterov;

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& buffer) const {
    const T direction = g * static_cast<T>(gradient_factor) + p * static_cast<T>(weight_decay);
    buffer = buffer * static_cast<T>(is_first ? 0 : momentum) + direction;
    p -= static_cast<T>(lr) * (nesterov ? direction + static_cast<T>(momentum) * buffer : buffer);
  }
};

struct RmsPropValue {
  double lr, weight_decay, gradient_factor, alpha, eps, momentum;

  template <class T>
  UNET_HOST_DEVICE T direction(T p, T g, T& square) const {
    g = g * static_cast<T>(gradient_factor) + p * static_cast<T>(weight_decay);
    square = square * static_cast<T>(alpha) + g * g * static_cast<T>(1 - alpha);
    return g / (std::sqrt(square) + static_cast<T>(eps));
  }

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& square) const {
    p -= static_cast<T>(lr) * direction(p, g, square);
  }

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& square, T& buffer) const {
    buffer = buffer * static_cast<T>(momentum) + direction(p, g, square);
    p -= static_cast<T>(lr) * buffer;
  }
};

/// `lr` holds the correction of the mean, `root_correction` that of the mean square; `shrink` is what decoupled weight
/// decay leaves of p.
struct AdamValue {
  double lr, weight_decay, gradient_factor, shrink, keep, keep_square, root_correction, eps;

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& mean, T& square) const {
    g = g * static_cast<T>(gradient_factor) + p * static_cast<T>(weight_decay);
    p *= static_cast<T>(shrink);
    mean = mean * static_cast<T>(keep) + g * static_cast<T>(1 - keep);
    square = square * static_cast<T>(keep_square) + g * g * static_cast<T>(1 - keep_square);
    p -= static_cast<T>(lr) * mean / (std::sqrt(square) / static_cast<T>(root_correction) + static_cast<T>(eps));
  }
};

struct LionValue {
  double lr, gradient_factor, shrink, first, second;

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& mean) const {
    g *= static_cast<T>(gradient_factor);
    const T direction = mean * static_cast<T>(first) + g * static_cast<T>(1 - first);
    const T sign = static_cast<T>(direction > 0) - static_cast<T>(direction < 0);
    p = p * static_cast<T>(shrink) - static_cast<T>(lr) * sign;
    mean = mean * static_cast<T>(second) + g * static_cast<T>(1 - second);
  }
};

}  // namespace unet
