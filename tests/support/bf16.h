#pragma once

#include <torch/types.h>

namespace unet {

/// Whether LibTorch's convolutions sum up in bf16, and not in fp32, so that long sums stop growing: 1.13 does on
/// processors that oneDNN has no bf16 for (x86 without AVX-512), where `train.precision: auto` takes fp32.
inline bool bf16_sums_are_coarse() {
  constexpr int64_t kTerms = 64 * 3 * 3;  // bf16 holds it; but counted one by one the sum stops at 256
  const auto ones = [](int64_t out, int64_t side) { return torch::ones({out, 64, side, side}, torch::kBFloat16); };
  return torch::conv2d(ones(1, 3), ones(1, 3)).item<double>() != static_cast<double>(kTerms);
}

}  // namespace unet
