#pragma once

#include <torch/types.h>

#include <type_traits>

#include "models/kernels/lanes.h"

namespace unet::kernels {

/// Pointer to the values of a tensor of float or bfloat16.
template <class T>
T* data(const torch::Tensor& tensor) {
  if constexpr (std::is_same_v<T, Bf16>)
    return reinterpret_cast<Bf16*>(tensor.data_ptr<at::BFloat16>());
  else
    return tensor.data_ptr<T>();
}

}  // namespace unet::kernels
