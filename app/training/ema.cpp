#include "app/training/ema.h"

#include <torch/torch.h>

#include <algorithm>

namespace unet {
namespace {

TensorMap cloned(const TensorMap& weights) {
  TensorMap copies;
  for (const auto& [name, tensor] : weights) copies[name] = tensor.clone();
  return copies;
}

}  // namespace

Ema::Ema(const torch::nn::Module& network, double decay) : weights_(cloned(weights_of(network))), decay_(decay) {}

void Ema::update(const torch::nn::Module& network, int64_t step) {
  const torch::NoGradGuard no_grad;
  const auto steps = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + steps) / (10 + steps));
  for (const auto& [name, tensor] : weights_of(network)) {
    auto& average = weights_.at(name);
    if (tensor.is_floating_point())
      average.lerp_(tensor, 1 - decay);
    else
      average.copy_(tensor);
  }
}

void Ema::load(const TensorMap& weights) {
  for (auto& [name, tensor] : weights_) tensor.copy_(weights.at(name));
}

TemporaryWeights::TemporaryWeights(torch::nn::Module& network, const TensorMap& weights)
    : network_(network), own_(cloned(weights_of(network))) {
  load_weights(network_, weights, "averaged weights");
}

TemporaryWeights::~TemporaryWeights() { load_weights(network_, own_, "own weights"); }

}  // namespace unet
