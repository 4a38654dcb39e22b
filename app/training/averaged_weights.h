#pragma once

#include "app/checkpoint/checkpoint.h"

namespace unet {

/// A running average of a network's weights, buffers included.
class AveragedWeights {
 public:
  explicit AveragedWeights(const torch::nn::Module& network);

  /// average = decay * average + (1 - decay) * network; buffers of whole numbers are copied.
  void update(const torch::nn::Module& network, double decay);

  const TensorMap& weights() const { return weights_; }
  void load(const TensorMap& weights);

 private:
  TensorMap weights_;
};

/// The decay of an exponential moving average after optimizer step `step`, counted from 1:
/// min(decay, (1 + step) / (10 + step)), so that the first steps do not linger. Source: Polyak & Juditsky 1992.
double ema_decay(double decay, int64_t step);

/// The decay that makes the `count`th update, counted from 1, a plain mean of all; 0 averages nothing yet.
/// Source: stochastic weight averaging, Izmailov et al. 2018, arXiv:1803.05407.
double swa_decay(int64_t count);

/// Puts other weights into a network for the guard's lifetime.
class TemporaryWeights {
 public:
  TemporaryWeights(NetworkImpl& network, const TensorMap& weights);
  ~TemporaryWeights();
  TemporaryWeights(const TemporaryWeights&) = delete;
  TemporaryWeights& operator=(const TemporaryWeights&) = delete;

 private:
  NetworkImpl& network_;
  TensorMap own_;
};

/// Copies of the tensors.
TensorMap cloned(const TensorMap& tensors);

}  // namespace unet
