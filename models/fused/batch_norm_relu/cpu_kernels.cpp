#include "models/fused/batch_norm_relu/cpu_kernels.h"

#include <algorithm>

namespace unet::kernels {
namespace {

/// Number of pixels that are summed in float before the sum is added to a double.
constexpr int64_t kBlock = 128;

template <class Work>
struct BlockWork {
  const Work& work;
  int64_t first, end;

  template <class Group>
  UNET_INLINE void operator()(int64_t channel, const Group& group) const {
    work(first, end, channel, group);
  }
};

/// Calls `work(first pixel, end, first channel, group of channels)` for each block of pixels.
template <class Work>
UNET_INLINE void for_each_block(int64_t pixels, int64_t channels, const Work& work) {
  for (int64_t first = 0; first < pixels; first += kBlock)
    for_each_group(channels, BlockWork<Work>{work, first, std::min(first + kBlock, pixels)});
}

UNET_INLINE void add(const Floats& from, const FullLanes& lanes, double* to) {
  for (int64_t i = lanes.overlap; i < kLanes; ++i) to[i] += static_cast<double>(from[i]);
}

UNET_INLINE void add(const Floats& from, const TailLanes& lanes, double* to) {
  for (int64_t i = 0; i < lanes.count; ++i) to[i] += static_cast<double>(from[i]);
}

/// Sets the gradient to 0 where `y` is not above 0. A NaN passes, as in LibTorch's ReLU.
UNET_INLINE void zero_unless_positive(const Floats& y, Floats& gradient) { gradient = y <= 0 ? Floats{} : gradient; }

template <class T>
struct AddMoments {
  const T* x;
  int64_t channels;
  const float* shift;
  double* sums;
  double* squares;

  template <class Group>
  UNET_INLINE void operator()(int64_t first, int64_t end, int64_t c, const Group& group) const {
    Floats base, value, sum{}, square{};
    group.load(shift + c, base);
    for (int64_t p = first; p < end; ++p) {
      group.load(x + p * channels + c, value);
      value -= base;
      sum += value;
      square += value * value;
    }
    add(sum, group, sums + c);
    add(square, group, squares + c);
  }
};

template <class T>
struct ScaleRelu {
  const T* x;
  int64_t channels;
  const float* scale;
  const float* offset;
  T* y;

  template <class Group>
  UNET_INLINE void operator()(int64_t first, int64_t end, int64_t c, const Group& group) const {
    Floats a, b, value;
    group.load(scale + c, a);
    group.load(offset + c, b);
    for (int64_t p = first; p < end; ++p) {
      group.load(x + p * channels + c, value);
      value = value * a + b;
      zero_unless_positive(value, value);
      group.store(value, y + p * channels + c);
    }
  }
};

template <class T>
struct AddGradientMoments {
  const T* x;
  const T* gradient;
  int64_t channels;
  const float* scale;
  const float* offset;
  const float* mean;
  double* sums;
  double* products;

  template <class Group>
  UNET_INLINE void operator()(int64_t first, int64_t end, int64_t c, const Group& group) const {
    Floats a, b, mean_lanes, value, upstream, sum{}, product{};
    group.load(scale + c, a);
    group.load(offset + c, b);
    group.load(mean + c, mean_lanes);
    for (int64_t p = first; p < end; ++p) {
      group.load(x + p * channels + c, value);
      group.load(gradient + p * channels + c, upstream);
      zero_unless_positive(value * a + b, upstream);
      sum += upstream;
      product += upstream * (value - mean_lanes);
    }
    add(sum, group, sums + c);
    add(product, group, products + c);
  }
};

template <class T>
struct ScaleReluBackward {
  const T* x;
  const T* gradient;
  int64_t channels;
  const float* scale;
  const float* offset;
  const float* mean;
  const float* slope;
  const float* constant;
  T* grad_x;

  template <class Group>
  UNET_INLINE void operator()(int64_t first, int64_t end, int64_t c, const Group& group) const {
    Floats a, b, mean_lanes, slope_lanes, constant_lanes, value, upstream;
    group.load(scale + c, a);
    group.load(offset + c, b);
    group.load(mean + c, mean_lanes);
    group.load(slope + c, slope_lanes);
    group.load(constant + c, constant_lanes);
    for (int64_t p = first; p < end; ++p) {
      group.load(x + p * channels + c, value);
      group.load(gradient + p * channels + c, upstream);
      zero_unless_positive(value * a + b, upstream);
      upstream = upstream * a + (value - mean_lanes) * slope_lanes + constant_lanes;
      group.store(upstream, grad_x + p * channels + c);
    }
  }
};

}  // namespace

// Compiling for several processors needs explicit specializations instead of the templates.
#define UNET_KERNELS(T)                                                                                              \
  template <>                                                                                                        \
  UNET_FOR_EACH_CPU void add_moments(const T* x, int64_t pixels, int64_t channels, const float* shift, double* sums, \
                                     double* squares) {                                                              \
    for_each_block(pixels, channels, AddMoments<T>{x, channels, shift, sums, squares});                              \
  }                                                                                                                  \
  template <>                                                                                                        \
  UNET_FOR_EACH_CPU void scale_relu(const T* x, int64_t pixels, int64_t channels, const float* scale,                \
                                    const float* offset, T* y) {                                                     \
    for_each_block(pixels, channels, ScaleRelu<T>{x, channels, scale, offset, y});                                   \
  }                                                                                                                  \
  template <>                                                                                                        \
  UNET_FOR_EACH_CPU void add_gradient_moments(const T* x, const T* gradient, int64_t pixels, int64_t channels,       \
                                              const float* scale, const float* offset, const float* mean,            \
                                              double* sums, double* products) {                                      \
    for_each_block(pixels, channels,                                                                                 \
                   AddGradientMoments<T>{x, gradient, channels, scale, offset, mean, sums, products});               \
  }                                                                                                                  \
  template <>                                                                                                        \
  UNET_FOR_EACH_CPU void scale_relu_backward(const T* x, const T* gradient, int64_t pixels, int64_t channels,        \
                                             const float* scale, const float* offset, const float* mean,             \
                                             const float* slope, const float* constant, T* grad_x) {                 \
    for_each_block(pixels, channels,                                                                                 \
                   ScaleReluBackward<T>{x, gradient, channels, scale, offset, mean, slope, constant, grad_x});       \
  }

UNET_KERNELS(float)
UNET_KERNELS(Bf16)
#undef UNET_KERNELS

}  // namespace unet::kernels
