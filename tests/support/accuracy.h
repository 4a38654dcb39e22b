#pragma once

#include <torch/types.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "configs/schema/error.h"

namespace unet {

using NamedTensors = std::map<std::string, torch::Tensor>;

/// Norm of the difference from the exact tensor, relative to the larger of the exact tensor's norm and
/// `smallest_norm`. Infinite if the shapes differ or values are not finite.
inline double relative_error(const torch::Tensor& actual, const torch::Tensor& exact, double smallest_norm = 0) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (actual.sizes() != exact.sizes()) return kInfinite;
  const auto reference = exact.detach().to(torch::kDouble);
  const double difference = (actual.detach().to(torch::kDouble) - reference).norm().item<double>();
  const double error = difference == 0 ? 0 : difference / std::max(reference.norm().item<double>(), smallest_norm);
  return error < kInfinite ? error : kInfinite;  // NaN also counts as infinite
}

/// Returns the largest norm of the tensors.
inline double largest_norm(const NamedTensors& tensors) {
  double largest = 0;
  for (const auto& item : tensors) largest = std::max(largest, item.second.norm().item<double>());
  return largest;
}

/// Describes the tensors of `actual` whose error exceeds what `allowed(name)` returns; empty if there are none.
template <class Allowed>
std::string excessive_errors(const NamedTensors& exact, const NamedTensors& actual, double smallest_norm,
                             const Allowed& allowed) {
  std::string text;
  for (const auto& [name, tensor] : exact) {
    const auto found = actual.find(name);
    const double error = found == actual.end() ? std::numeric_limits<double>::infinity()
                                               : relative_error(found->second, tensor, smallest_norm);
    if (!(error <= allowed(name))) text += concat("\n  ", name, ": error ", error, ", allowed ", allowed(name));
  }
  return text;
}

}  // namespace unet
