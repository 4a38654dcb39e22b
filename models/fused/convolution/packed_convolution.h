#pragma once

#include <ATen/core/ivalue.h>
#include <torch/types.h>

#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// A convolution with fixed weights, prepared to run many times: the weights are in its compute type, and on a CPU with
/// oneDNN in oneDNN's own layout. A ReLU is fused by oneDNN, or by cuDNN on CUDA.
class PackedConvolution {
 public:
  struct Settings {
    std::vector<int64_t> stride{1, 1}, padding{0, 0}, dilation{1, 1};
    int64_t groups = 1;
    bool relu = false;
    torch::ScalarType dtype = torch::kFloat;
    torch::MemoryFormat memory_format = torch::MemoryFormat::ChannelsLast;
  };

  /// weight (out,in/groups,kh,kw), bias (out) or undefined. `input` (N,in,H,W) is the size to prepare for; other sizes
  /// work too.
  PackedConvolution(const Settings& settings, const torch::Tensor& weight, const torch::Tensor& bias,
                    const std::vector<int64_t>& input);

  /// (N,in,H,W) of any float type -> (N,out,H',W').
  torch::Tensor run(const torch::Tensor& x) const;

  bool is_packed() const { return !packed_.isNone(); }

 private:
  Settings settings_;
  torch::Tensor weight_, bias_;  ///< undefined if it is packed
  c10::IValue packed_;
  mutable bool has_cudnn_relu_ = false;  ///< whether cuDNN fuses bias and ReLU with the convolution
};

}  // namespace unet
