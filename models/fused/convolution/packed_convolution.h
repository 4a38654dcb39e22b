#pragma once

#include <ATen/core/ivalue.h>
#include <torch/types.h>

#include <vector>

#include "models/graph/graph.h"

namespace unet {

/// A convolution as it stands, ready to run many times: its weights are in its type, and on a CPU where LibTorch has
/// oneDNN in the order that oneDNN's kernels read, and a ReLU is done with it, on CUDA by cuDNN.
class PackedConvolution {
 public:
  struct Settings {
    std::vector<int64_t> stride{1, 1}, padding{0, 0}, dilation{1, 1};
    int64_t groups = 1;
    bool relu = false;
    torch::ScalarType dtype = torch::kFloat;
    torch::MemoryFormat memory_format = torch::MemoryFormat::ChannelsLast;
  };

  /// weight (out,in/groups,kh,kw), bias (out) or undefined; `input` (N,in,H,W) is the size to be made ready for, others
  /// are taken too.
  PackedConvolution(const Settings& settings, const torch::Tensor& weight, const torch::Tensor& bias,
                    const std::vector<int64_t>& input);

  /// (N,in,H,W) of any float type -> (N,out,H',W').
  torch::Tensor run(const torch::Tensor& x) const;

  bool is_packed() const { return !packed_.isNone(); }

 private:
  Settings settings_;
  torch::Tensor weight_, bias_;  ///< where it is not packed
  c10::IValue packed_;
  mutable bool has_cudnn_relu_ = false;  ///< whether cuDNN does bias and ReLU along with the convolution
};

}  // namespace unet
