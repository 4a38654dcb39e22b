#pragma once

// Products of tiles of bf16 by x86 processors that have AMX.

#if defined(__x86_64__) && ((defined(__clang__) && __clang_major__ >= 16) || (!defined(__clang__) && __GNUC__ >= 11))
#define UNET_HAS_AMX 1
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12 in its own header: https://gcc.gnu.org/PR105593
#endif
#include <immintrin.h>

#include <cstdint>

/// Compiles a function for such processors; it must not run on others.
#define UNET_AMX __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw")))
#endif

namespace unet::kernels {

#ifdef UNET_HAS_AMX

/// In this thread, all eight tiles at their full size of 16 rows of 64 bytes, while this lives.
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
    asm volatile("" ::"r"(&shapes) : "memory");  // GCC believes that only the first bytes are read
    _tile_loadconfig(&shapes);
  }
  UNET_AMX ~TileSession() { _tile_release(); }
  TileSession(const TileSession&) = delete;
  TileSession& operator=(const TileSession&) = delete;
};

#endif

}  // namespace unet::kernels
