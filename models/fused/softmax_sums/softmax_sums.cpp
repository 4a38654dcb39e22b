#include "models/fused/softmax_sums/softmax_sums.h"

#include <algorithm>
#include <cmath>

namespace unet::kernels {
namespace {

constexpr int64_t kMostClasses = 256;

using Integers = int32_t __attribute__((vector_size(4 * kLanes)));

/// e^x for x <= 0, to 1e-7 of itself; 0 below -87. By 2^n * e^r with |r| <= ln(2)/2, and Taylor's polynomial for e^r.
UNET_INLINE void exponential(Floats& x) {
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

/// The probabilities of up to 16 pixels.
struct Softmax {
  Floats probability[kMostClasses];  ///< by class
  Floats largest, sum;               ///< of the logits; of their powers of e relative to it

  template <class T>
  UNET_INLINE void compute(const T* logits, const LogitsLayout& layout, int64_t count) {
    for (int64_t c = 0; c < layout.classes; ++c) {
      const T* of_class = logits + c * layout.class_stride;
      Floats& z = probability[c];
      if (layout.pixel_stride == 1 && count == kLanes) {
        load(of_class, z);
      } else {
        float values[kLanes] = {};
        for (int64_t i = 0; i < count; ++i) values[i] = to_float(of_class[i * layout.pixel_stride]);
        load(values, z);
      }
      largest = c == 0 ? z : z > largest ? z : largest;
    }
    sum = Floats{};
    for (int64_t c = 0; c < layout.classes; ++c) {
      Floats& e = probability[c];
      e -= largest;
      exponential(e);
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
  Floats probabilities[kMostClasses];
  for (int64_t c = 0; c < layout.classes; ++c) probabilities[c] = Floats{};
  for (int64_t first = 0; first < pixels; first += kLanes) {
    const int64_t count = std::min(kLanes, pixels - first);
    const T* values = logits + first * layout.pixel_stride;
    softmax.compute(values, layout, count);
    float counted[kLanes] = {};  // 1 for a labelled pixel
    float total[kLanes];
    store(softmax.sum, total);
    float most[kLanes];
    store(softmax.largest, most);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t label = labels[first + i];
      if (label == ignored) continue;
      if (label < 0 || label >= layout.classes) return false;
      counted[i] = 1;
      const float logit = to_float(values[label * layout.class_stride + i * layout.pixel_stride]);
      sums.nll[label] += static_cast<double>(std::log(total[i]) + (most[i] - logit));
      sums.overlap[label] += static_cast<double>(softmax.probability[label][i]);
      sums.truth[label] += 1;
    }
    Floats weight;
    load(counted, weight);
    // What is not finite at an ignored pixel must not count either.
    for (int64_t c = 0; c < layout.classes; ++c) probabilities[c] += weight > 0 ? softmax.probability[c] : Floats{};
  }
  for (int64_t c = 0; c < layout.classes; ++c)
    for (int64_t i = 0; i < kLanes; ++i) sums.probability[c] += static_cast<double>(probabilities[c][i]);
  return true;
}

template <class T>
UNET_INLINE void backward(const T* logits, const LogitsLayout& layout, const int64_t* labels, int64_t pixels,
                          int64_t ignored, const float* nll, const float* overlap, const float* probability,
                          T* gradient) {
  Softmax softmax;
  for (int64_t first = 0; first < pixels; first += kLanes) {
    const int64_t count = std::min(kLanes, pixels - first);
    softmax.compute(logits + first * layout.pixel_stride, layout, count);
    // For the label t: of minus log p[t] the gradient is p - 1[t], of p[t] it is p[t] * (1[t] - p), and of
    // sum(q * p) it is p * (q - sum(q * p)).
    float counted[kLanes] = {}, of_own[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) {
      const int64_t label = labels[first + i];
      if (label == ignored) continue;
      counted[i] = 1;
      of_own[i] = nll[label] - overlap[label] * softmax.probability[label][i];
    }
    Floats weight, own, mean{};
    load(counted, weight);
    load(of_own, own);
    for (int64_t c = 0; c < layout.classes; ++c) mean += softmax.probability[c] * probability[c];
    Floats* const slope = softmax.probability;  // in its place
    for (int64_t c = 0; c < layout.classes; ++c) {
      slope[c] *= own + probability[c] - mean;
      slope[c] = weight > 0 ? slope[c] : Floats{};
    }
    for (int64_t i = 0; i < count; ++i)
      if (labels[first + i] != ignored) slope[labels[first + i]][i] -= of_own[i];
    for (int64_t c = 0; c < layout.classes; ++c) {
      T* of_class = gradient + first * layout.pixel_stride + c * layout.class_stride;
      if (layout.pixel_stride == 1 && count == kLanes) {
        store(slope[c], of_class);
      } else {
        T values[kLanes];
        store(slope[c], values);
        for (int64_t i = 0; i < count; ++i) of_class[i * layout.pixel_stride] = values[i];
      }
    }
  }
}

}  // namespace

#define UNET_KERNELS(T)                                                                                            \
  template <>                                                                                                      \
  UNET_FOR_EACH_CPU bool add_softmax_sums(const T* logits, const LogitsLayout& layout, const int64_t* labels,      \
                                          int64_t pixels, int64_t ignored, const SoftmaxSums& sums) {              \
    return add_sums(logits, layout, labels, pixels, ignored, sums);                                                \
  }                                                                                                                \
  template <>                                                                                                      \
  UNET_FOR_EACH_CPU void softmax_sums_backward(const T* logits, const LogitsLayout& layout, const int64_t* labels, \
                                               int64_t pixels, int64_t ignored, const float* nll,                  \
                                               const float* overlap, const float* probability, T* gradient) {      \
    backward(logits, layout, labels, pixels, ignored, nll, overlap, probability, gradient);                        \
  }

UNET_KERNELS(float)
UNET_KERNELS(Bf16)

}  // namespace unet::kernels
