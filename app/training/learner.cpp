#include "app/training/learner.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "app/optimization/freezing.h"

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
      optimizer_(config.train, *network_) {
  check_losses(config_.loss, loss_context_);
  initialize(*network_, static_cast<uint64_t>(config_.train.seed));
  move_to_device(*network_, execution_);
  network_->train();
  network_->checkpoint_activations(config_.train.checkpoint_activations);
  if (config_.train.averages_weights()) averaged_ = std::make_unique<AveragedWeights>(*network_);
  // What is checkpointed keeps the state of the random numbers, which cannot be recorded.
  if (execution_.records_steps() && !config_.train.checkpoint_activations)
    graph_.emplace(execution_.device, network_->parameters());
}

void Learner::freeze_for(int64_t epoch) {
  const auto frozen = config_.train.frozen_parts(epoch);
  freeze_parts(*network_, frozen);
  if (frozen != frozen_) rest();
  frozen_ = frozen;
}

void Learner::rest() {
  if (graph_) graph_->forget();
}

void Learner::begin_step(double loss_scale) {
  loss_scale_ = loss_scale;
  gradient_factor_ = 1;
  optimizer_.zero_grad();
  buffers_.take(network_->buffers());
}

void Learner::abandon_step() {
  optimizer_.zero_grad();
  buffers_.put_back(network_->buffers());
}

torch::Tensor Learner::add_gradients(const torch::Tensor& images, const torch::Tensor& labels, double parts) {
  const auto work = [&](const torch::Tensor& own_images, const torch::Tensor& own_labels) {
    const auto share = loss(forward(own_images), own_labels) / parts;
    backward(share);
    return share.detach();
  };
  return graph_ ? graph_->run(images, labels, {parts, loss_scale_}, work) : work(images, labels);
}

std::vector<torch::Tensor> Learner::forward(const torch::Tensor& images) {
  const AutocastGuard autocast(execution_);
  return network_->forward_all(to_device(images, execution_));
}

torch::Tensor Learner::loss(const std::vector<torch::Tensor>& logits, const torch::Tensor& labels) const {
  const Target target{labels.to(execution_.device, labels.scalar_type(), /*non_blocking=*/execution_.device.is_cuda())};
  torch::Tensor sum = total_loss(config_.loss, logits[0], target, loss_context_, execution_.is_fused());
  const auto& further = config_.model.deep_supervision;
  for (size_t i = 0; i < further.size(); ++i)
    sum = sum + further[i] * total_loss(config_.loss, logits[i + 1], target, loss_context_, execution_.is_fused());
  return sum;
}

void Learner::backward(const torch::Tensor& loss) const { (loss_scale_ == 1 ? loss : loss * loss_scale_).backward(); }

double Learner::clip_gradients() {
  if (loss_scale_ != 1) optimizer_.scale_gradients(1 / loss_scale_);
  const double before = optimizer_.gradient_norm();
  if (!std::isfinite(before)) return before;
  const double most_value = config_.train.clip_grad_value, most = config_.train.clip_grad_norm;
  if (most_value > 0) optimizer_.clamp_gradients(most_value);
  const double norm = most_value > 0 && most > 0 ? optimizer_.gradient_norm() : before;
  gradient_factor_ = most > 0 && norm > most ? most / (norm + 1e-6) : 1;
  return before;
}

void Learner::update(double lr, double average_decay) {
  optimizer_.step(lr, gradient_factor_);
  if (averaged_) averaged_->update(*network_, average_decay);
}

}  // namespace unet
