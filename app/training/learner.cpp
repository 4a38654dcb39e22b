#include "app/training/learner.h"

#include <torch/types.h>
#include <torch/utils.h>

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
  // Activation checkpointing saves the random generator's state, which cannot be recorded in a graph.
  if (execution_.records_steps() && !config_.train.checkpoint_activations)
    graph_.emplace(execution_.device, network_->parameters());
}

void Learner::freeze_for(int64_t epoch) {
  const auto frozen = config_.train.frozen_parts(epoch);
  freeze_parts(*network_, frozen);
  if (frozen != frozen_) release_graph();
  frozen_ = frozen;
}

void Learner::release_graph() {
  if (graph_) graph_->release();
}

StepResult Learner::step(const StepBatches& batches, const StepArgs& args) {
  const auto report_end = [&](StepPhase phase) {
    if (args.observer) args.observer(phase);
  };
  begin_step(args.loss_scale);
  report_end(StepPhase::begin);
  StepNormalizer normalizer = step_normalizer(batches, args.parts);
  std::vector<std::vector<torch::Tensor>> losses;  // by micro-batch; read once all work of the step is queued
  for (int64_t i = 0; i < batches.count(); ++i) {
    const Batch& batch = batches[i];
    if (args.seed) torch::manual_seed(args.seed(i));
    const auto images = batch.images.chunk(args.parts), labels = batch.labels.chunk(args.parts);
    const auto chunks = [&](const torch::Tensor& all) {
      return all.defined() ? all.chunk(args.parts) : std::vector<torch::Tensor>(images.size());
    };
    const auto pixel_weights = chunks(batch.pixel_weights), maps = chunks(batch.weights);
    losses.emplace_back();
    for (size_t part = 0; part < images.size(); ++part) {
      normalizer.parts =
          static_cast<double>(batches.count() * batch.images.size(0)) / static_cast<double>(images[part].size(0));
      const Target target{labels[part], pixel_weights[part], maps[part]};
      losses.back().push_back(add_gradients(images[part], target, normalizer, args.observer));
    }
  }
  StepResult result;
  result.norm = clip_gradients();
  std::vector<double> batch_losses;
  for (const auto& shares : losses) {
    double loss = 0;
    for (const torch::Tensor& share : shares) loss += share.item<double>();
    batch_losses.push_back(loss);
    result.loss += loss;
  }
  result.fault = fault(batches, batch_losses, result.norm);
  report_end(StepPhase::clip);
  if (!result.fault.empty()) {
    rollback_step();
    return result;
  }
  update(args.lr, args.average_decay);
  report_end(StepPhase::update);
  return result;
}

/// Class weights of the whole step. Undefined for a step of a single part, whose loss normalizes by its own sums.
StepNormalizer Learner::step_normalizer(const StepBatches& batches, int64_t parts) const {
  if (batches.count() == 1 && (parts == 1 || batches[0].images.size(0) == 1)) return {};
  const auto class_weight = [&](bool mapped) {
    torch::Tensor sum;
    for (const Batch& batch : batches) {
      const Target target{batch.labels, mapped && batch.weights.defined() ? batch.weights : batch.pixel_weights};
      // Labels stay in host memory where the device has too little.
      const auto weight = target.class_weight(loss_context_.num_classes).to(execution_.device);
      sum = sum.defined() ? sum + weight : weight;
    }
    return sum.to(torch::kFloat);
  };
  StepNormalizer normalizer;
  normalizer.class_weight = class_weight(true);
  if (batches[0].weights.defined()) normalizer.class_pixels = class_weight(false);
  return normalizer;
}

/// Describes the first loss or gradient that is not finite; "" if there is none.
std::string Learner::fault(const StepBatches& batches, const std::vector<double>& losses, double norm) const {
  for (size_t i = 0; i < losses.size(); ++i)
    if (!std::isfinite(losses[i]))
      return concat("the loss is ", losses[i], " for the batch of ",
                    first_names(batches[static_cast<int64_t>(i)].names));
  if (std::isfinite(norm)) return "";
  const std::vector<std::string> parameters = optimizer_.nonfinite_gradients();
  const std::string cause = parameters.empty() ? "the gradient norm overflows"
                                               : "the gradient is not finite in " + first_names(parameters);
  return concat(cause, " for the batch of ", batches.names());
}

void Learner::begin_step(double loss_scale) {
  loss_scale_ = loss_scale;
  gradient_factor_ = 1;
  optimizer_.zero_grad();
  buffers_.save(network_->buffers());
}

void Learner::rollback_step() {
  optimizer_.zero_grad();
  buffers_.restore(network_->buffers());
}

torch::Tensor Learner::add_gradients(const torch::Tensor& images, const Target& target,
                                     const StepNormalizer& normalizer, const PhaseObserver& observer) {
  const bool is_cuda = execution_.device.is_cuda();
  const auto report_end = [&](StepPhase phase) {
    if (observer && is_cuda == (phase == StepPhase::gradients)) observer(phase);
  };
  const auto work = [&](const std::vector<torch::Tensor>& inputs) {
    auto logits = forward(inputs[0]);
    report_end(StepPhase::forward);
    auto share = loss(logits, {inputs[1], inputs[2], inputs[3]}, {normalizer.parts, inputs[4], inputs[5]});
    report_end(StepPhase::loss);
    logits.clear();
    (loss_scale_ == 1 ? share : share * loss_scale_).backward();
    share = share.detach();
    report_end(StepPhase::backward);
    return share;
  };
  // Everything that differs between steps must be an input, since a graph replays all else as recorded.
  const std::vector<torch::Tensor> inputs{images,     target.labels,           target.weight,
                                          target.map, normalizer.class_weight, normalizer.class_pixels};
  const auto share = graph_ ? graph_->run(inputs, {normalizer.parts, loss_scale_}, work) : work(inputs);
  report_end(StepPhase::gradients);
  return share;
}

std::vector<torch::Tensor> Learner::forward(const torch::Tensor& images) {
  const AutocastGuard autocast(execution_);
  return network_->forward_all(to_device(images, execution_));
}

/// The loss of the logits plus the weighted losses of the auxiliary outputs, with the same labels and normalizer.
torch::Tensor Learner::loss(const std::vector<torch::Tensor>& logits, const Target& target,
                            const StepNormalizer& normalizer) const {
  const auto to_device = [&](const torch::Tensor& tensor) {
    return tensor.defined() ? tensor.to(execution_.device, tensor.scalar_type(), execution_.device.is_cuda()) : tensor;
  };
  const Target device_target{to_device(target.labels), to_device(target.weight), to_device(target.map)};
  const StepNormalizer device_normalizer{normalizer.parts, to_device(normalizer.class_weight)};
  const auto input = [&](const torch::Tensor& output, const Target& pixels, const StepNormalizer& step) {
    return LossInput(output, pixels, loss_context_, step, execution_.kernels);
  };
  const auto loss_of_output = [&](const torch::Tensor& output) {
    if (!device_target.map.defined()) return total_loss(config_.loss, input(output, device_target, device_normalizer));
    const LossInput mapped = input(output, {device_target.labels, device_target.map}, device_normalizer);
    const LossInput plain = input(output, {device_target.labels, device_target.weight},
                                  {normalizer.parts, to_device(normalizer.class_pixels)});
    return total_loss(config_.loss, plain, mapped);
  };
  torch::Tensor sum = loss_of_output(logits[0]);
  const auto& weights = config_.model.deep_supervision;
  for (size_t i = 0; i < weights.size(); ++i) sum = sum + weights[i] * loss_of_output(logits[i + 1]);
  return sum;
}

double Learner::clip_gradients() {
  if (loss_scale_ != 1) optimizer_.scale_gradients(1 / loss_scale_);
  const double unclipped_norm = optimizer_.gradient_norm();
  if (!std::isfinite(unclipped_norm)) return unclipped_norm;
  const double max_value = config_.train.clip_grad_value, max_norm = config_.train.clip_grad_norm;
  if (max_value > 0) optimizer_.clamp_gradients(max_value);
  const double norm = max_value > 0 && max_norm > 0 ? optimizer_.gradient_norm() : unclipped_norm;
  gradient_factor_ = max_norm > 0 && norm > max_norm ? max_norm / (norm + 1e-6) : 1;
  return unclipped_norm;
}

void Learner::update(double lr, double average_decay) {
  optimizer_.step(lr, gradient_factor_);
  if (averaged_) averaged_->update(*network_, average_decay);
}

}  // namespace unet
