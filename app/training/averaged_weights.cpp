#include "app/training/averaged_weights.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "models/compat/torch_compat.h"

namespace unet {

TensorMap cloned(const TensorMap& tensors) {
  TensorMap copies;
  for (const auto& [name, tensor] : tensors) copies[name] = tensor.clone();
  return copies;
}

AveragedWeights::AveragedWeights(const torch::nn::Module& network) : weights_(cloned(weights_of(network))) {}

void AveragedWeights::update(const torch::nn::Module& network, double decay) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> averages, values;
  for (const auto& [name, tensor] : weights_of(network)) {
    auto& average = weights_.at(name);
    if (!tensor.is_floating_point()) {
      average.copy_(tensor);
      continue;
    }
    averages.push_back(average);
    values.push_back(tensor);
  }
  if (!averages.empty()) compat::lerp_all(averages, values, 1 - decay);
}

void AveragedWeights::load(const TensorMap& weights) {
  for (auto& [name, tensor] : weights_) tensor.copy_(weights.at(name));
}

TemporaryWeights::TemporaryWeights(NetworkImpl& network, const TensorMap& weights)
    : network_(network), saved_(cloned(weights_of(network))) {
  load_weights(network_, weights, "averaged weights");
}

TemporaryWeights::~TemporaryWeights() { load_weights(network_, saved_, "saved weights"); }

}  // namespace unet
