#pragma once

#include <torch/types.h>

#include <limits>
#include <string>

#include "app/checkpoint/safetensors.h"

namespace unet {

/// Reads values that scripts/reference/golden.py computed with PyTorch.
inline Safetensors read_golden(const std::string& name) {
  return read_safetensors(std::string(UNET_SOURCE_DIR) + "/tests/golden/" + name + ".safetensors");
}

/// Largest difference of two elements, relative to the largest expected magnitude. Infinite if the shapes differ, or if
/// zeros are expected and other values found.
inline double relative_difference(const torch::Tensor& actual, const torch::Tensor& expected) {
  if (actual.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
  const auto reference = expected.detach().to(torch::kDouble);
  const auto difference = (actual.detach().to(torch::kDouble) - reference).abs().max().item<double>();
  return difference == 0 ? 0 : difference / reference.abs().max().item<double>();
}

}  // namespace unet
