#pragma once

// Products of bf16 tiles on x86 processors with AMX.

#if defined(__x86_64__) && ((defined(__clang__) && __clang_major__ >= 16) || (!defined(__clang__) && __GNUC__ >= 11))
#define UNET_HAS_AMX 1
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12 warns of its own header: https://gcc.gnu.org/PR105593
#endif
#include <immintrin.h>

/// Compiles a function for these processors. It must not run on others.
#define UNET_AMX __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw")))
#endif

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "models/kernels/lanes.h"

namespace unet::kernels {

#ifdef UNET_HAS_AMX

constexpr int64_t kTileBytes = 1024, kTileFloats = 256;

/// Configures the AMX tiles of this thread for its lifetime: eight, each of 16 rows of 64 bytes.
class TileSession {
 public:
  UNET_AMX TileSession() {
    struct alignas(64) {
      uint8_t palette = 1, start_row = 0, reserved[14] = {};
      uint16_t row_bytes[16] = {};
      uint8_t rows[16] = {};
    } shapes;
    for (int tile = 0; tile < 8; ++tile) {
      shapes.row_bytes[tile] = 64;
      shapes.rows[tile] = 16;
    }
    asm volatile("" ::"r"(&shapes) : "memory");  // otherwise GCC stores only the first bytes
    _tile_loadconfig(&shapes);
  }
  UNET_AMX ~TileSession() { _tile_release(); }
  TileSession(const TileSession&) = delete;
  TileSession& operator=(const TileSession&) = delete;
};

inline int64_t blocks_in(int64_t count, int64_t size) { return (count + size - 1) / size; }

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Aligned = std::unique_ptr<T[], Free>;

/// Allocates memory that begins at a cache line.
template <class T>
Aligned<T> allocate(int64_t count) {
  const size_t bytes = static_cast<size_t>(blocks_in(count * static_cast<int64_t>(sizeof(T)), 64)) * 64;
  auto* memory = static_cast<T*>(std::aligned_alloc(64, bytes));
  if (memory == nullptr) throw std::bad_alloc();
  return Aligned<T>(memory);
}

/// Transposes 32 values from each of 32 addresses into two tiles of 16 rows. Values outside `mask` are read as 0.
UNET_AMX inline void transpose(const std::array<const Bf16*, 32>& from, __mmask32 mask, char* to) {
  for (int half = 0; half < 2; ++half) {  // the first and the last 4 of every 8 channels
    __m512i pairs[16], t[16];
    for (int i = 0; i < 16; ++i) {
      const __m512i a = _mm512_maskz_loadu_epi16(mask, from[2 * i]),
                    b = _mm512_maskz_loadu_epi16(mask, from[2 * i + 1]);
      pairs[i] = half == 0 ? _mm512_unpacklo_epi16(a, b) : _mm512_unpackhi_epi16(a, b);
    }
    for (int i = 0; i < 16; i += 2) {
      t[i] = _mm512_unpacklo_epi32(pairs[i], pairs[i + 1]);
      t[i + 1] = _mm512_unpackhi_epi32(pairs[i], pairs[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
      pairs[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
      pairs[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
      pairs[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
      pairs[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int j = 0; j < 4; ++j) {  // quarters of 4 pairs become rows of 16
      const __m512i a = _mm512_shuffle_i32x4(pairs[j], pairs[4 + j], 0x88);
      const __m512i b = _mm512_shuffle_i32x4(pairs[j], pairs[4 + j], 0xdd);
      const __m512i c = _mm512_shuffle_i32x4(pairs[8 + j], pairs[12 + j], 0x88);
      const __m512i d = _mm512_shuffle_i32x4(pairs[8 + j], pairs[12 + j], 0xdd);
      char* row = to + (4 * half + j) * 64;  // row of channel 4 half + j; then those 8, 16 and 24 channels further
      _mm512_store_si512(row, _mm512_shuffle_i32x4(a, c, 0x88));
      _mm512_store_si512(row + 8 * 64, _mm512_shuffle_i32x4(b, d, 0x88));
      _mm512_store_si512(row + 16 * 64, _mm512_shuffle_i32x4(a, c, 0xdd));
      _mm512_store_si512(row + 24 * 64, _mm512_shuffle_i32x4(b, d, 0xdd));
    }
  }
}

#endif

}  // namespace unet::kernels
