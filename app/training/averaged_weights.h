#pragma once

#include "app/checkpoint/checkpoint.h"

namespace unet {

/// Running average of a network's weights and buffers. WeightAveraging chooses its decay.
class AveragedWeights {
 public:
  explicit AveragedWeights(const torch::nn::Module& network);

  /// average = decay * average + (1 - decay) * network; integer buffers are copied.
  void update(const torch::nn::Module& network, double decay);

  const TensorMap& weights() const { return weights_; }
  void load(const TensorMap& weights);

 private:
  TensorMap weights_;
};

/// Replaces a network's weights for the lifetime of the guard.
class TemporaryWeights {
 public:
  TemporaryWeights(NetworkImpl& network, const TensorMap& weights);
  ~TemporaryWeights();
  TemporaryWeights(const TemporaryWeights&) = delete;
  TemporaryWeights& operator=(const TemporaryWeights&) = delete;

 private:
  NetworkImpl& network_;
  TensorMap saved_;
};

/// Clones every tensor.
TensorMap cloned(const TensorMap& tensors);

}  // namespace unet
