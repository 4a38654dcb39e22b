#pragma once

#include "configs/schema/reader.h"
#include "models/graph/graph.h"
#include "models/unet/block_describer.h"
#include "models/unet/upsampling.h"

namespace unet {

/// The U-Net. Source: Ronneberger et al. 2015, arXiv:1505.04597; BatchNorm and padded convolutions as in most networks
/// published since.
struct UNetOptions : BlockOptions {
  std::optional<int64_t> num_classes;  ///< 1: one logit with a sigmoid; otherwise softmax
  std::string encoder = "plain";
  std::optional<std::string> encoder_weights;  ///< path of a file
  int64_t depth = 4;
  int64_t base_channels = 32;
  int64_t max_channels = 1024;
  std::vector<int64_t> factors;  ///< by level; empty: auto
  Upsampling upsampling;
  bool stacked = false;
  std::vector<int64_t> bottleneck_dilations;  ///< empty: as at the other levels
  double dropout = 0;
  std::vector<int64_t> dropout_levels;   ///< empty: the last two
  std::vector<double> deep_supervision;  ///< weights of the losses at levels 1, 2, ...

  void fields(FieldVisitor& visit) override;

  bool has_plain_encoder() const { return encoder == "plain"; }
};

/// Throws Error(config) for options that contradict each other, e.g. upsampling that does not give the size of the skip
/// connection. The message names the place in `locations`.
void check_unet(const UNetOptions& options, const Locations& locations);

/// Describes the network images (N,in_channels,H,W) -> logits (N,num_classes,H,W), for any H and W from 1. Modules:
/// encoder.I, bottleneck, decoder.J (0 the deepest) with conv1, norm1, conv2, norm2 (and up), head. Deep supervision
/// adds aux_head.LEVEL, whose logits, as large as those of the head, are the graph's auxiliary outputs. A residual
/// encoder has torchvision's names below `encoder.`, and no bottleneck.
/// Throws Error(internal) while num_classes is unset.
Graph describe_unet(const UNetOptions& options, int64_t in_channels);

/// Adds the upsampling of `low` to the resolution of `level` in the decoder, in one or several steps.
Value describe_unet_upsampling(const UNetOptions& options, const std::string& name, int64_t level, int64_t out_channels,
                               Value low, Graph& graph);

/// Channels at `level` (0 the input's resolution, `depth` the bottleneck).
int64_t unet_channels(const UNetOptions& options, int64_t level);

/// Ratio of the resolution of `level` to that of the next level.
PerAxis unet_factor(const UNetOptions& options, int64_t level);

/// Padding that the network first applies to its images.
op::Pad unet_padding(const UNetOptions& options);

/// Smallest height and width that need no padding.
int64_t unet_minimum_size(const UNetOptions& options);

}  // namespace unet
