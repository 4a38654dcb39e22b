#pragma once

#include <torch/types.h>

#include <optional>
#include <vector>

#include "models/losses/class_sums.h"
#include "models/losses/target.h"

namespace unet {

/// Properties of the data that losses depend on.
struct LossContext {
  int64_t num_classes = 0;          ///< number of softmax classes; 2 for a network with one logit
  std::vector<double> class_share;  ///< share of each class in the labeled training pixels
};

/// Relates a batch to its optimizer step, which may be computed in several parts (micro-batches, or pieces of them), so
/// that the losses of the parts add up to the loss of the step. The default is a step of one part.
struct StepNormalizer {
  double parts = 1;  ///< number of parts of this size in a step
  torch::Tensor class_weight =
      {};  ///< (C) Target::class_weight of the whole step; undefined: this part is the whole step
  /// (C) The same without a weight map, for losses that do not use it; undefined if there is no map, or if this part is
  /// the whole step.
  torch::Tensor class_pixels = {};
};

/// The input of a loss. The class sums are computed on first use and shared by all terms of a loss.
class LossInput {
 public:
  /// logits (N,C,H,W) of any float type, one logit included (see softmax_logits). `context` must outlive the input.
  /// `kernels` compute the class sums.
  LossInput(const torch::Tensor& logits, Target target, const LossContext& context, StepNormalizer normalizer = {},
            KernelChoice kernels = KernelChoice::fused);

  /// (N,C,H,W) with C >= 2, for a softmax over C.
  const torch::Tensor& logits() const { return logits_; }
  const Target& target() const { return target_; }
  const LossContext& context() const { return context_; }
  const ClassSums& sums() const;

  /// Logarithm of the probability of each class, (N,C,H,W) float32. Computed on first use and shared, as the sums are.
  const torch::Tensor& log_probability() const;

  /// Logarithm of the probability of each pixel's own class: (N,H,W) float32, 0 where the label is ignored.
  torch::Tensor own_log_probability() const;

  /// Whether a pixel is labeled with a class: (N,C,H,W) bool.
  torch::Tensor truth() const;

  /// Total weight of the labeled pixels of each class in the whole step: (C) float32. A loss that averages over pixels
  /// divides its sum over this part by a sum over these values.
  const torch::Tensor& step_class_weight() const;

  /// Divides `value` by the number of parts of the step: for a loss that is not a sum over pixels, such as Dice.
  torch::Tensor mean_over_parts(const torch::Tensor& value) const;

 private:
  torch::Tensor logits_;
  Target target_;
  const LossContext& context_;
  StepNormalizer normalizer_;
  KernelChoice kernels_;
  mutable std::optional<ClassSums> sums_;
  mutable torch::Tensor log_probability_;
  mutable torch::Tensor class_weight_;
};

/// Converts (N,1,H,W) to (N,2,H,W) float32: one logit z becomes the two-class softmax over (0, z), whose cross entropy
/// is that of sigmoid(z). Returns other logits unchanged.
torch::Tensor softmax_logits(const torch::Tensor& logits);

}  // namespace unet
