#pragma once

#include <torch/types.h>

#include <limits>
#include <string>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// Values from PyTorch, as scripts/reference/golden.py writes them.
inline Safetensors read_golden(const std::string& name) {
  return read_safetensors(std::string(UNET_SOURCE_DIR) + "/tests/golden/" + name + ".safetensors");
}

/// The largest difference of two elements, as a share of the largest expected magnitude. Infinite for other
/// shapes, and where zeros are expected and other values found.
inline double relative_difference(const torch::Tensor& actual, const torch::Tensor& expected) {
  if (actual.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
  const auto wanted = expected.detach().to(torch::kDouble);
  const auto difference = (actual.detach().to(torch::kDouble) - wanted).abs().max().item<double>();
  return difference == 0 ? 0 : difference / wanted.abs().max().item<double>();
}

}  // namespace unet
