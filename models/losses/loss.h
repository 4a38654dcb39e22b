#pragma once

#include <torch/types.h>

#include <vector>

#include "configs/schema/options.h"
#include "models/losses/class_sums.h"

namespace unet {

/// What a loss compares the logits with.
struct Target {
  torch::Tensor labels;  ///< (N,H,W) int64: class index in [0,C) or kIgnoreLabel
};

/// What a loss may want to know of the data.
struct LossContext {
  int64_t num_classes = 0;          ///< of the softmax; 2 where the network has one logit
  std::vector<double> class_share;  ///< share of each class in the labelled training pixels
};

/// A loss with its options. Stateless: equal arguments give equal values.
class Loss : public Options {
 public:
  double weight = 1;

  void fields(FieldVisitor& visit) override;

  /// A scalar, from the sums over a batch of C >= 2 classes, in which pixels with kIgnoreLabel have no part. Where
  /// every pixel is ignored it is 0 and its gradient too. Throws Error(config) for class weights of wrong length.
  virtual torch::Tensor compute(const ClassSums& sums, const LossContext& context) const = 0;
};

const Registry<Loss>& losses();

/// The `loss` section: a weighted sum.
struct LossOptions : Options {
  LossOptions();
  void fields(FieldVisitor& visit) override;

  ChoicesOf<Loss> terms;
};

/// The weighted sum of the terms, in float32. logits (N,C,H,W) of any float type. With one logit z the
/// binary form is the two-class softmax over (0, z): its cross entropy is that of sigmoid(z).
/// `fast`: see class_sums.
torch::Tensor total_loss(const LossOptions& options, const torch::Tensor& logits, const Target& target,
                         const LossContext& context, bool fast = true);

/// (N,1,H,W) -> (N,2,H,W) as above, float32; other logits as they are.
torch::Tensor softmax_logits(const torch::Tensor& logits);

/// Throws Error(config) where the options of a term do not fit the number of classes.
void check_losses(const LossOptions& options, const LossContext& context);

}  // namespace unet
