#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include "models/execution/network.h"
#include "models/unet/unet.h"

namespace unet {

inline UNetOptions small_unet(const std::string& norm, const std::string& activation, int64_t num_classes = 3) {
  UNetOptions options;
  options.num_classes = num_classes;
  options.depth = 2;
  options.base_channels = 4;
  options.norm = enum_value<NormMode>(norm);
  options.norm_groups = 2;
  options.activation = enum_value<op::ActivationKind>(activation);
  return options;
}

/// Converts the weights of convolutions to channels_last, which the fused kernels need.
inline void set_channels_last(NetworkImpl& network) {
  for (auto& parameter : network.parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
}

/// Returns a network in evaluation mode with random weights, norm parameters and running statistics.
inline Network random_network(const UNetOptions& options, int64_t channels = 3) {
  torch::manual_seed(3);
  const torch::NoGradGuard no_grad;
  Network network(describe_unet(options, channels));
  initialize(*network, 3);
  for (auto& item : network->named_parameters())
    if (item.value().dim() == 1) item.value().add_(0.3 * torch::rand_like(item.value()));
  for (auto& item : network->named_buffers()) {
    if (item.value().is_floating_point())
      item.value().add_(torch::rand_like(item.value()));
    else
      item.value().fill_(7);
  }
  network->eval();
  return network;
}

}  // namespace unet
