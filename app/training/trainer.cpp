#include "app/training/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace unet {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string list_names(const std::vector<std::string>& names) {
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(names.size(), 8)));
  return join(first) + (names.size() > first.size() ? ", ..." : "");
}

}  // namespace

Trainer::Trainer(Config& config, const TrainingData& data, const Execution& execution, TrainingObserver& observer,
                 SaveCheckpoint save)
    : config_(config),
      config_text_(portable_config(config)),
      data_(data),
      execution_(execution),
      observer_(observer),
      save_(std::move(save)),
      preprocessing_(config.data),
      training_set_(data.train, config.data, config.augment, static_cast<uint64_t>(config.train.seed)),
      plan_{config.train.batch_size, config.data.num_workers, config.data.prefetch, 0, 1},
      batches_per_epoch_(batches_per_epoch(training_set_, plan_)),
      steps_per_epoch_((batches_per_epoch_ + config.train.accumulate - 1) / config.train.accumulate),
      learner_(config, data.class_share, preprocessing_.channels(), execution) {}

std::vector<std::string> Trainer::init_from(const TensorMap& weights) {
  const torch::NoGradGuard no_grad;
  std::vector<std::string> left;
  TensorMap own = weights_of(learner_.network());
  for (auto& [name, tensor] : own) {
    const auto given = weights.find(name);
    if (given != weights.end() && given->second.sizes() == tensor.sizes())
      tensor.copy_(given->second);
    else
      left.push_back(name);
  }
  if (Ema* ema = learner_.ema()) ema->load(own);
  return left;
}

void Trainer::restore(const Checkpoint& checkpoint) {
  load_weights(learner_.network(), checkpoint.weights, "the checkpoint");
  learner_.optimizer().load_state(checkpoint.optimizer);
  if (Ema* ema = learner_.ema()) ema->load(checkpoint.weights_to_use());
  position_ = position_from_json(checkpoint.position);
  scores_ = checkpoint.scores;
}

Checkpoint Trainer::checkpoint() {
  Checkpoint checkpoint;
  checkpoint.config = config_text_;
  checkpoint.weights = weights_of(learner_.network());
  if (const Ema* ema = learner_.ema()) checkpoint.ema = ema->weights();
  checkpoint.optimizer = learner_.optimizer().state();
  checkpoint.position = to_json(position_);
  checkpoint.scores = scores_;
  checkpoint.data_fingerprint = data_.fingerprint;
  return checkpoint;
}

double Trainer::learning_rate() const {
  const auto& train = config_.train;
  const int64_t total = total_steps();
  const int64_t warmup = std::min(train.warmup_steps.value_or(std::min<int64_t>(500, total / 20)), total - 1);
  return train.lr * factor_with_warmup(*train.schedule, position_.step, total, warmup, position_.plateau);
}

TrainingEnd Trainer::run(const std::function<bool()>& stop_requested) {
  if (position_.validation_due && !validate(stop_requested)) return TrainingEnd::interrupted;
  while (!at_end()) {
    Loader loader(training_set_, plan_, position_.epoch, position_.step_in_epoch * config_.train.accumulate);
    for (const int64_t epoch = position_.epoch; position_.epoch == epoch && !at_end();) {
      advance(step(loader));
      if (position_.validation_due && !validate(stop_requested)) return TrainingEnd::interrupted;
      if (stop_requested() && !at_end()) {
        save_(checkpoint(), false);
        return TrainingEnd::interrupted;
      }
    }
  }
  return position_.stopped_early ? TrainingEnd::stopped_early : TrainingEnd::finished;
}

StepReport Trainer::step(Loader& loader) {
  const auto start = std::chrono::steady_clock::now();
  const double waited_before = loader.waited_seconds();
  StepReport report;
  report.lr = learning_rate();
  learner_.begin_step();
  const int64_t first = position_.step_in_epoch * config_.train.accumulate;
  const int64_t count = std::min(config_.train.accumulate, batches_per_epoch_ - first);
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; ++i) {
    const Batch batch = *loader.next();
    names.insert(names.end(), batch.names.begin(), batch.names.end());
    report.loss += micro_batch(batch, i, count);
    report.images += batch.images.size(0);
  }
  report.gradient_norm = learner_.clip_gradients();
  check_gradients(report.gradient_norm, names);
  learner_.update(position_.step + 1, report.lr);
  report.seconds = seconds_since(start);
  report.waited_seconds = loader.waited_seconds() - waited_before;
  return report;
}

double Trainer::micro_batch(const Batch& batch, int64_t index, int64_t count) {
  torch::manual_seed(Rng::from(static_cast<uint64_t>(config_.train.seed), "torch", position_.step, index).bits());
  const double value = learner_.add_gradients(batch.images, batch.labels, count);
  if (!std::isfinite(value))
    fail(ErrorKind::not_finite, "[train] step ", position_.step + 1, ": the loss is ", value, " for the batch of ",
         list_names(batch.names),
         ". The weights are as before this step. Lower train.lr, set train.clip_grad_norm, or ",
         "try train.precision: fp32.");
  return value;
}

void Trainer::check_gradients(double norm, const std::vector<std::string>& names) {
  if (std::isfinite(norm)) return;
  fail(ErrorKind::not_finite, "[train] step ", position_.step + 1, ": the gradient is not finite in ",
       list_names(learner_.optimizer().not_finite()), " for the batch of ", list_names(names),
       ". The weights are as before this step. Lower train.lr or try train.precision: fp32.");
}

void Trainer::advance(const StepReport& done) {
  StepReport report = done;
  ++position_.step;
  position_.loss_sum += report.loss;
  ++position_.loss_count;
  if (++position_.step_in_epoch == steps_per_epoch_) {
    ++position_.epoch;
    position_.step_in_epoch = 0;
  }
  const auto& every = config_.train.validate_every_steps;
  position_.validation_due =
      position_.step == total_steps() || (every ? position_.step % *every == 0 : position_.step_in_epoch == 0);
  report.position = position_;
  report.steps_in_epoch = steps_per_epoch_;
  report.total_steps = total_steps();
  observer_.stepped(report);
}

std::optional<Scores> Trainer::score_validation_images(const std::function<bool()>& stop_requested, bool& stopped) {
  if (data_.val.empty()) return std::nullopt;
  std::unique_ptr<TemporaryWeights> averaged;
  if (const Ema* ema = learner_.ema())
    averaged = std::make_unique<TemporaryWeights>(learner_.network(), ema->weights());
  Segmenter segmenter(learner_.shared_network(), preprocessing_, execution_);
  const auto counts =
      evaluate(segmenter, preprocessing_, data_.val, [&](size_t i, const Sample& sample, const cv::Mat& prediction) {
        observer_.predicted(position_, data_.val[i], sample, prediction);
        return !stop_requested();
      });
  stopped = !counts.has_value();
  if (stopped) return std::nullopt;
  return compute_scores(*counts, config_.data.class_names);
}

/// False when a stop came in between: the position before the validation is saved then.
bool Trainer::validate(const std::function<bool()>& stop_requested) {
  const auto start = std::chrono::steady_clock::now();
  ValidationReport report;
  bool stopped = false;
  report.scores = score_validation_images(stop_requested, stopped);
  if (stopped) {
    save_(checkpoint(), false);
    return false;
  }
  const auto& train = config_.train;
  position_.validation_due = false;
  if (report.scores) {
    const double score = score_by_name(*report.scores, train.best_by);
    train.schedule->validated(score, position_.plateau);
    report.is_best = score > position_.best_score;
    position_.validations_without_gain = report.is_best ? 0 : position_.validations_without_gain + 1;
    if (report.is_best) {
      position_.best_score = score;
      position_.best_step = position_.step;
    }
    position_.stopped_early =
        train.early_stopping_patience > 0 && position_.validations_without_gain >= train.early_stopping_patience;
    scores_ = to_json(*report.scores);
  }
  report.train_loss = position_.loss_sum / static_cast<double>(std::max<int64_t>(1, position_.loss_count));
  position_.loss_sum = 0;
  position_.loss_count = 0;
  report.position = position_;
  report.lr = learning_rate();
  report.seconds = seconds_since(start);
  observer_.validated(
      report);  // first: a record of what was not saved is cut back on resume, the reverse would be lost
  save_(checkpoint(), report.is_best);
  return true;
}

}  // namespace unet
