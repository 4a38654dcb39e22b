#pragma once

#include <torch/types.h>

#include <filesystem>
#include <limits>
#include <set>
#include <string>

#include "app/checkpoint/safetensors.h"

namespace unet {

inline constexpr const char* kGoldenFolder = UNET_SOURCE_DIR "/tests/golden";

/// Values from PyTorch, as scripts/reference/golden.py writes them.
inline Safetensors read_golden(const std::string& name) {
  return read_safetensors(std::string(kGoldenFolder) + "/" + name + ".safetensors");
}

/// Names of the golden files in a folder.
inline std::set<std::string> golden_names(const std::string& folder = kGoldenFolder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().stem().string());
  return names;
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
