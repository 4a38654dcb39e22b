#include "app/training/learner.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace unet {
namespace {

LossContext loss_context(const Config& config, const std::vector<double>& class_share) {
  LossContext context{std::max<int64_t>(2, *config.model.num_classes), class_share};
  context.class_share.resize(static_cast<size_t>(context.num_classes), 0);
  return context;
}

}  // namespace

Learner::Learner(const Config& config, const std::vector<double>& class_share, int64_t in_channels,
                 const Execution& execution)
    : config_(config),
      execution_(execution),
      loss_context_(loss_context(config, class_share)),
      network_(describe_unet(config.model, in_channels)),
      optimizer_(*config.train.optimizer, *network_) {
  check_losses(config_.loss, loss_context_);
  initialise(*network_, static_cast<uint64_t>(config_.train.seed));
  place(*network_, execution_);
  network_->train();
  if (config_.train.ema_decay > 0) ema_ = std::make_unique<Ema>(*network_, config_.train.ema_decay);
}

double Learner::add_gradients(const torch::Tensor& images, const torch::Tensor& labels, int64_t micro_batches) {
  torch::Tensor logits;
  {
    const AutocastGuard autocast(execution_);
    logits = network_->forward(placed(images, execution_));
  }
  const Target target{labels.to(execution_.device)};
  const auto loss = total_loss(config_.loss, logits, target, loss_context_) / static_cast<double>(micro_batches);
  const double value = loss.item<double>();
  if (std::isfinite(value)) loss.backward();
  return value;
}

double Learner::clip_gradients() {
  const double norm = optimizer_.gradient_norm();
  const double most = config_.train.clip_grad_norm;
  if (std::isfinite(norm) && most > 0 && norm > most) optimizer_.scale_gradients(most / (norm + 1e-6));
  return norm;
}

void Learner::update(int64_t step, double lr) {
  optimizer_.step(step, lr, config_.train.weight_decay);
  if (ema_) ema_->update(*network_, step);
}

}  // namespace unet
