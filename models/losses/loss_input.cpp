#include "models/losses/loss_input.h"

#include <utility>

namespace unet {

LossInput::LossInput(const torch::Tensor& logits, Target target, const LossContext& context, StepNormalizer normalizer,
                     KernelChoice kernels)
    : logits_(softmax_logits(logits)),
      target_(std::move(target)),
      context_(context),
      normalizer_(std::move(normalizer)),
      kernels_(kernels) {}

const ClassSums& LossInput::sums() const {
  if (!sums_) sums_ = class_sums(logits_, target_, kernels_);
  return *sums_;
}

const torch::Tensor& LossInput::log_probability() const {
  if (!log_probability_.defined()) log_probability_ = torch::log_softmax(logits_.to(torch::kFloat), 1);
  return log_probability_;
}

torch::Tensor LossInput::own_log_probability() const {
  // By a mask: the gradient of gather is not deterministic on CUDA.
  return torch::where(truth(), log_probability(), torch::zeros({}, log_probability().options())).sum(1);
}

torch::Tensor LossInput::truth() const {
  const auto& labels = target_.labels;
  return labels.unsqueeze(1).eq(torch::arange(logits_.size(1), labels.options()).view({1, -1, 1, 1}));
}

const torch::Tensor& LossInput::step_class_weight() const {
  if (normalizer_.class_weight.defined()) return normalizer_.class_weight;
  if (sums_) return sums_->truth;
  if (!class_weight_.defined()) class_weight_ = target_.class_weight(logits_.size(1)).to(torch::kFloat);
  return class_weight_;
}

torch::Tensor LossInput::mean_over_parts(const torch::Tensor& value) const {
  return normalizer_.parts == 1 ? value : value / normalizer_.parts;
}

torch::Tensor softmax_logits(const torch::Tensor& logits) {
  if (logits.size(1) != 1) return logits;
  const auto z = logits.to(torch::kFloat);
  return torch::cat({torch::zeros_like(z), z}, 1);
}

}  // namespace unet
