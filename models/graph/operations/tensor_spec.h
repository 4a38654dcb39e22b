#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unet {

using Shape = std::vector<int64_t>;

/// A parameter or a buffer.
struct TensorSpec {
  Shape shape;
  bool is_parameter = true;  ///< learned; otherwise a buffer
};

/// Parameters and buffers of a module by name.
using TensorSpecs = std::map<std::string, TensorSpec>;

/// Returns the tensors of a module with a weight and, optionally, a bias of `channels` values.
inline TensorSpecs weight_and_bias(Shape weight, bool has_bias, int64_t channels) {
  TensorSpecs specs{{"weight", {std::move(weight)}}};
  if (has_bias) specs["bias"] = {{channels}};
  return specs;
}

}  // namespace unet
