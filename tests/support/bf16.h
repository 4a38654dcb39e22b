#pragma once

#include <torch/types.h>

namespace unet {

/// Whether LibTorch's convolutions accumulate in bf16 instead of fp32, so that long sums stop growing. LibTorch 1.13
/// does on processors for which oneDNN lacks bf16 (x86 without AVX-512); `train.precision: auto` is fp32 there.
inline bool accumulates_in_bf16() {
  constexpr int64_t kTerms = 64 * 3 * 3;  // exact in bf16, but adding ones in bf16 stops at 256
  const auto ones = [](int64_t out, int64_t side) { return torch::ones({out, 64, side, side}, torch::kBFloat16); };
  return torch::conv2d(ones(1, 3), ones(1, 3)).item<double>() != static_cast<double>(kTerms);
}

}  // namespace unet
