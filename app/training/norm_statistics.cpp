#include "app/training/norm_statistics.h"

#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <utility>
#include <vector>

namespace unet {
namespace {

std::vector<torch::nn::BatchNorm2dImpl*> batch_norms(const NetworkImpl& network) {
  std::vector<torch::nn::BatchNorm2dImpl*> found;
  for (const auto& module : network.modules(/*include_self=*/false))
    if (auto* norm = module->as<torch::nn::BatchNorm2d>(); norm && norm->is_training()) found.push_back(norm);
  return found;
}

}  // namespace

bool has_batch_norm(const NetworkImpl& network) { return !batch_norms(network).empty(); }

void estimate_norm_statistics(NetworkImpl& network, const Execution& execution,
                              const std::function<std::optional<torch::Tensor>()>& next) {
  const torch::NoGradGuard no_grad;
  const auto norms = batch_norms(network);
  for (auto* norm : norms) {
    norm->reset_running_stats();
    norm->options.momentum().reset();  // the plain mean of all batches
  }
  while (const auto images = next()) {
    const AutocastGuard autocast(execution);
    network.forward(to_device(*images, execution));
  }
  for (auto* norm : norms) norm->options.momentum(torch::nn::BatchNorm2dOptions(1).momentum());
}

}  // namespace unet
