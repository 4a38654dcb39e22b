#pragma once

#include "configs/schema/options.h"
#include "models/graph.h"

namespace unet {

/// The U-Net. Source: Ronneberger et al. 2015, arXiv:1505.04597; BatchNorm and padded convolutions
/// as in most published use since.
struct UNetOptions : Options {
  std::optional<int64_t> num_classes;  ///< 1: one logit with a sigmoid; else softmax
  int64_t depth = 4;
  int64_t base_channels = 32;
  int64_t max_channels = 1024;
  std::string norm = "batch";
  int64_t norm_groups = 8;
  std::string activation = "relu";
  double dropout = 0;

  void fields(FieldVisitor& visit) override;
};

/// images (N,in_channels,H,W) -> logits (N,num_classes,H,W), any H and W from 1. Modules: encoder.I,
/// bottleneck, decoder.J (0 the deepest) with conv1, norm1, conv2, norm2 (and up), head.
/// Throws Error(internal) while num_classes is unset.
Graph describe_unet(const UNetOptions& options, int64_t in_channels);

/// Channels at `level` (0 the input's resolution, `depth` the bottleneck).
int64_t unet_channels(const UNetOptions& options, int64_t level);

/// The smallest height and width that the network does not pad.
int64_t unet_minimum_size(const UNetOptions& options);

}  // namespace unet
