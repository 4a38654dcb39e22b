#pragma once

#include <cmath>

#ifdef __CUDACC__
#define UNET_HOST_DEVICE __host__ __device__
#else
#define UNET_HOST_DEVICE
#endif

namespace unet {

// Each kernel takes one optimizer step for one value: p of a parameter, its gradient g, and its states. The same code
// runs on the CPU and, compiled by nvcc, on CUDA (see fused_optimizer.h). Members are converted to the type of the
// values.

struct SgdKernel {
  double lr, weight_decay, gradient_factor, momentum;
  bool is_first, nesterov;

  template <class T>
  UNET_HOST_DEVICE T direction(T p, T g) const {
    return g * static_cast<T>(gradient_factor) + p * static_cast<T>(weight_decay);
  }

  /// Step without momentum.
  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g) const {
    p -= static_cast<T>(lr) * direction(p, g);
  }

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& buffer) const {
    const T d = direction(p, g);
    buffer = buffer * static_cast<T>(is_first ? 0 : momentum) + d;
    p -= static_cast<T>(lr) * (nesterov ? d + static_cast<T>(momentum) * buffer : buffer);
  }
};

struct RmsPropKernel {
  double lr, weight_decay, gradient_factor, alpha, eps, momentum;

  template <class T>
  UNET_HOST_DEVICE T direction(T p, T g, T& square) const {
    g = g * static_cast<T>(gradient_factor) + p * static_cast<T>(weight_decay);
    square = square * static_cast<T>(alpha) + g * g * static_cast<T>(1 - alpha);
    return g / (std::sqrt(square) + static_cast<T>(eps));
  }

  /// Step without momentum.
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

/// Adam with bias correction: the one of the mean is part of `lr`, the one of the mean square is `root_correction`.
/// `shrink` is the factor of decoupled weight decay.
struct AdamKernel {
  double lr, weight_decay, gradient_factor, shrink, beta1, beta2, root_correction, eps;

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& mean, T& square) const {
    g = g * static_cast<T>(gradient_factor) + p * static_cast<T>(weight_decay);
    p *= static_cast<T>(shrink);
    mean = mean * static_cast<T>(beta1) + g * static_cast<T>(1 - beta1);
    square = square * static_cast<T>(beta2) + g * g * static_cast<T>(1 - beta2);
    p -= static_cast<T>(lr) * mean / (std::sqrt(square) / static_cast<T>(root_correction) + static_cast<T>(eps));
  }
};

/// `shrink` is the factor of decoupled weight decay.
struct LionKernel {
  double lr, gradient_factor, shrink, beta1, beta2;

  template <class T>
  UNET_HOST_DEVICE void operator()(T& p, T g, T& mean) const {
    g *= static_cast<T>(gradient_factor);
    const T direction = mean * static_cast<T>(beta1) + g * static_cast<T>(1 - beta1);
    const T sign = static_cast<T>(direction > 0) - static_cast<T>(direction < 0);
    p = p * static_cast<T>(shrink) - static_cast<T>(lr) * sign;
    mean = mean * static_cast<T>(beta2) + g * static_cast<T>(1 - beta2);
  }
};

}  // namespace unet
