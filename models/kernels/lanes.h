#pragma once

// Vectors of sixteen floats, loaded from consecutive floats or bfloat16 in memory: the basis of all CPU kernels.

#include <cstdint>
#include <cstring>

/// Compiles a function three times: for AVX-512, for AVX2 and for any processor; the loader chooses the best that runs.
/// ("arch=..." would name models of one vendor and exclude AMD's.) Functions that it calls must be UNET_INLINE.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define UNET_FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define UNET_FOR_EACH_CPU
#endif
#define UNET_INLINE inline __attribute__((always_inline))

namespace unet::kernels {

/// Bits of a bfloat16: the upper half of a float.
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

/// Rounds to nearest, ties to even. A NaN stays a NaN.
UNET_INLINE void store(const Floats& from, Bf16* to) {
  const Words bits = reinterpret_cast<Words>(from);
  const Words rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Words chosen = (bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16) | 0x40 : rounded;
  const Halves halves = __builtin_convertvector(chosen, Halves);
  std::memcpy(to, &halves, sizeof(halves));
}

/// A group of consecutive values that fills a vector. The first `overlap` values belong to the previous group too.
struct FullLanes {
  int64_t overlap = 0;

  template <class T>
  UNET_INLINE void load(const T* from, Floats& to) const {
    kernels::load(from, to);
  }

  template <class T>
  UNET_INLINE void store(const Floats& from, T* to) const {
    kernels::store(from, to);
  }
};

/// A group of `count` values that does not fill a vector; the other lanes are 0.
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

/// Calls `work(first value, group)` for all groups of `count` values. The last two groups may overlap, so `work` must
/// tolerate values that it sees twice.
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
