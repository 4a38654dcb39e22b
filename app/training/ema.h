#pragma once

#include "app/checkpoint/checkpoint.h"

namespace unet {

/// An exponential moving average of a network's weights, buffers included. Source: Polyak & Juditsky 1992;
/// the decay grows as min(decay, (1 + step) / (10 + step)), so that the first steps do not linger.
class Ema {
 public:
  Ema(const torch::nn::Module& network, double decay);

  /// After optimizer step `step`, counted from 1.
  void update(const torch::nn::Module& network, int64_t step);

  const TensorMap& weights() const { return weights_; }
  void load(const TensorMap& weights);

 private:
  TensorMap weights_;
  double decay_;
};

/// Puts other weights into a network for the guard's lifetime.
class TemporaryWeights {
 public:
  TemporaryWeights(torch::nn::Module& network, const TensorMap& weights);
  ~TemporaryWeights();
  TemporaryWeights(const TemporaryWeights&) = delete;
  TemporaryWeights& operator=(const TemporaryWeights&) = delete;

 private:
  torch::nn::Module& network_;
  TensorMap own_;
};

}  // namespace unet
