#include "models/fused/softmax_sums/softmax_sums.h"

#include <algorithm>
#include <cmath>

namespace unet::kernels {
namespace {

constexpr int64_t kMaxSoftmaxClasses = 256;

using Integers = int32_t __attribute__((vector_size(4 * kLanes)));

/// Replaces x <= 0 by e^x, with a relative error of 1e-7; by 0 below -87. Uses e^x = 2^n * e^r with |r| <= ln(2)/2 and
/// the Taylor polynomial of e^r.
UNET_INLINE void exp_in_place(Floats& x) {
  constexpr float kLog2E = 1.44269504F, kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to whole numbers
  const auto is_tiny = x < -87.0F;
  x = is_tiny ? Floats{} - 87.0F : x;
  const Floats n = (x * kLog2E + kRound) - kRound;
  const Floats r = (x - n * kLn2High) - n * kLn2Low;
  Floats e = r * (1.0F / 5040) + 1.0F / 720;
  e = e * r + 1.0F / 120;
  e = e * r + 1.0F / 24;
  e = e * r + 1.0F / 6;
  e = e * r + 0.5F;
  e = e * r + 1.0F;
  e = e * r + 1.0F;
  const Integers power = (__builtin_convertvector(n, Integers) + 127) << 23;
  x = is_tiny ? Floats{} : e * reinterpret_cast<Floats>(power);
}

/// Softmax of up to kLanes pixels.
struct Softmax {
  Floats probability[kMaxSoftmaxClasses];  ///< per class
  Floats largest, sum;                     ///< largest logit; sum of exp(logit - largest)

  template <class T>
  UNET_INLINE void compute(const T* logits, const LogitsLayout& layout, int64_t count) {
    for (int64_t c = 0; c < layout.classes; ++c) {
      const T* class_values = logits + c * layout.class_stride;
      Floats& z = probability[c];
      if (layout.pixel_stride == 1 && count == kLanes) {
        load(class_values, z);
      } else {
        float values[kLanes] = {};
        for (int64_t i = 0; i < count; ++i) values[i] = to_float(class_values[i * layout.pixel_stride]);
        load(values, z);
      }
      largest = c == 0 ? z : z > largest ? z : largest;
    }
    sum = Floats{};
    for (int64_t c = 0; c < layout.classes; ++c) {
      Floats& e = probability[c];
      e -= largest;
      exp_in_place(e);
      sum += e;
    }
    const Floats factor = 1.0F / sum;
    for (int64_t c = 0; c < layout.classes; ++c) probability[c] *= factor;
  }
};

template <class T>
UNET_INLINE bool add_sums(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                          int64_t ignored, const SoftmaxSums& sums) {
  Softmax softmax;
  Floats probabilities[kMaxSoftmaxClasses];
  for (int64_t c = 0; c < layout.classes; ++c) probabilities[c] = Floats{};
  for (int64_t first = 0; first < pixels; first += kLanes) {
    const int64_t count = std::min(kLanes, pixels - first);
    const T* values = logits + first * layout.pixel_stride;
    softmax.compute(values, layout, count);
    float counted[kLanes] = {};  // 1 for a labeled pixel
    float total[kLanes];
    store(softmax.sum, total);
    float largest[kLanes];
    store(softmax.largest, largest);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t label = labels[first + i];
      if (label == ignored) continue;
      if (label < 0 || label >= layout.classes) return false;
      counted[i] = 1;
      const float logit = to_float(values[label * layout.class_stride + i * layout.pixel_stride]);
      sums.nll[label] += static_cast<double>(std::log(total[i]) + (largest[i] - logit));
      sums.overlap[label] += static_cast<double>(softmax.probability[label][i]);
      sums.truth[label] += 1;
    }
    Floats weight;
    load(counted, weight);
    // A selection instead of a product, so that a value that is not finite does not count at an ignored pixel.
    for (int64_t c = 0; c < layout.classes; ++c) probabilities[c] += weight > 0 ? softmax.probability[c] : Floats{};
  }
  for (int64_t c = 0; c < layout.classes; ++c)
    for (int64_t i = 0; i < kLanes; ++i) sums.probability[c] += static_cast<double>(probabilities[c][i]);
  return true;
}

template <class T>
UNET_INLINE void backward(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                          int64_t ignored, const float* grad_nll, const float* grad_overlap,
                          const float* grad_probability, T* grad_logits) {
  Softmax softmax;
  for (int64_t first = 0; first < pixels; first += kLanes) {
    const int64_t count = std::min(kLanes, pixels - first);
    softmax.compute(logits + first * layout.pixel_stride, layout, count);
    // With the label t, the gradient of -log p[t] is p - 1[t], that of p[t] is p[t] * (1[t] - p), and that of
    // sum(q * p) is p * (q - sum(q * p)).
    float counted[kLanes] = {}, own_values[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) {
      const int64_t label = labels[first + i];
      if (label == ignored) continue;
      counted[i] = 1;
      own_values[i] = grad_nll[label] - grad_overlap[label] * softmax.probability[label][i];
    }
    Floats weight, own, mean{};
    load(counted, weight);
    load(own_values, own);
    for (int64_t c = 0; c < layout.classes; ++c) mean += softmax.probability[c] * grad_probability[c];
    Floats* const grad = softmax.probability;  // in place
    for (int64_t c = 0; c < layout.classes; ++c) {
      grad[c] *= own + grad_probability[c] - mean;
      grad[c] = weight > 0 ? grad[c] : Floats{};
    }
    for (int64_t i = 0; i < count; ++i)
      if (labels[first + i] != ignored) grad[labels[first + i]][i] -= own_values[i];
    for (int64_t c = 0; c < layout.classes; ++c) {
      T* class_values = grad_logits + first * layout.pixel_stride + c * layout.class_stride;
      if (layout.pixel_stride == 1 && count == kLanes) {
        store(grad[c], class_values);
      } else {
        T values[kLanes];
        store(grad[c], values);
        for (int64_t i = 0; i < count; ++i) class_values[i * layout.pixel_stride] = values[i];
      }
    }
  }
}

}  // namespace

#define UNET_KERNELS(T)                                                                                       \
  template <>                                                                                                 \
  UNET_FOR_EACH_CPU bool add_softmax_sums(const T* logits, const LogitsLayout& layout, const int64_t* labels, \
                                          int64_t pixels, int64_t ignored, const SoftmaxSums& sums) {         \
    return add_sums(logits, layout, labels, pixels, ignored, sums);                                           \
  }                                                                                                           \
  template <>                                                                                                 \
  UNET_FOR_EACH_CPU void softmax_sums_backward(                                                               \
      const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels, int64_t ignored,    \
      const float* grad_nll, const float* grad_overlap, const float* grad_probability, T* grad_logits) {      \
    backward(logits, layout, labels, pixels, ignored, grad_nll, grad_overlap, grad_probability, grad_logits); \
  }

UNET_KERNELS(float)
UNET_KERNELS(Bf16)
#undef UNET_KERNELS

}  // namespace unet::kernels
