#pragma once

// Sixteen neighbouring values, float or bfloat16 in memory, as one vector of floats: what the kernels here are made of.

#include <cstdint>
#include <cstring>

/// Compiles a function for processors with AVX-512, with AVX2 and without; the loader takes the best that will run. (By
/// "arch=..." it would ask for a maker's model: AMD's have other names.) What it calls must be UNET_INLINE.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define UNET_FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define UNET_FOR_EACH_CPU
#endif
#define UNET_INLINE inline __attribute__((always_inline))

namespace unet::kernels {

/// The bits of a bfloat16, the upper half of a float's.
struct Bf16 {
  uint16_t bits;
};

UNET_INLINE float to_float(float x) { return x; }

UNET_INLINE float to_float(Bf16 x) {
  const uint32_t bits = uint32_t{x.bits} << 16;
  float result = 0;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

constexpr int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(4 * kLanes)));
using Words = uint32_t __attribute__((vector_size(4 * kLanes)));
using Halves = uint16_t __attribute__((vector_size(2 * kLanes)));

UNET_INLINE void load(const float* from, Floats& to) { std::memcpy(&to, from, sizeof(to)); }

UNET_INLINE void load(const Bf16* from, Floats& to) {
  Halves halves;
  std::memcpy(&halves, from, sizeof(halves));
  to = reinterpret_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}

UNET_INLINE void store(const Floats& from, float* to) { std::memcpy(to, &from, sizeof(from)); }

/// Rounds to the nearest, ties to even; a NaN stays one.
UNET_INLINE void store(const Floats& from, Bf16* to) {
  const Words bits = reinterpret_cast<Words>(from);
  const Words rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Words chosen = (bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16) | 0x40 : rounded;
  const Halves halves = __builtin_convertvector(chosen, Halves);
  std::memcpy(to, &halves, sizeof(halves));
}

/// A group of neighbouring values that fills a vector; the first `known` were in the group before too.
struct FullLanes {
  int64_t known = 0;

  template <class T>
  UNET_INLINE void load(const T* from, Floats& to) const {
    kernels::load(from, to);
  }

  template <class T>
  UNET_INLINE void store(const Floats& from, T* to) const {
    kernels::store(from, to);
  }
};

/// One of fewer; in a vector the others are 0.
struct TailLanes {
  int64_t count = 0;

  template <class T>
  UNET_INLINE void load(const T* from, Floats& to) const {
    T padded[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) padded[i] = from[i];
    kernels::load(padded, to);
  }

  template <class T>
  UNET_INLINE void store(const Floats& from, T* to) const {
    T all[kLanes];
    kernels::store(from, all);
    for (int64_t i = 0; i < count; ++i) to[i] = all[i];
  }
};

/// Calls `work(first value, group)` for all groups of `count` values. The last two may overlap, so that work that is
/// done twice must do no harm.
template <class Work>
UNET_INLINE void for_each_group(int64_t count, const Work& work) {
  int64_t first = 0;
  for (; first + kLanes <= count; first += kLanes) work(first, FullLanes{});
  if (first == count) return;
  if (count > kLanes)
    work(count - kLanes, FullLanes{first - (count - kLanes)});
  else
    work(0, TailLanes{count});
}

}  // namespace unet::kernels
