#include "app/training/trainer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "app/runtime/out_of_memory.h"
#include "app/training/norm_statistics.h"
#include "configs/schema/duration.h"

namespace unet {
namespace {

constexpr int64_t kStepsBeforeAPlan = 1000;  // taken for the training's length until its pace is known

}  // namespace

Trainer::Trainer(Config& config, const TrainingData& data, const Execution& execution, TrainingObserver& observer,
                 SaveCheckpoint save, RunClock clock)
    : config_(config),
      config_text_(portable_config(config)),
      data_(data),
      execution_(execution),
      observer_(observer),
      save_(std::move(save)),
      preprocessing_(config.data),
      training_set_(data.train, config.data, config.augment, static_cast<uint64_t>(config.train.seed)),
      plan_(loader_plan(config, execution)),
      batches_per_epoch_(batches_per_epoch(training_set_, plan_)),
      steps_per_epoch_((batches_per_epoch_ + config.train.accumulate - 1) / config.train.accumulate),
      learner_(config, data.class_share, preprocessing_.channels(), execution),
      clock_(std::move(clock)) {
  if (const auto budget = parse_duration(config.train.time_budget))
    time_plan_.emplace(*budget, config.train.validate_every_steps.value_or(steps_per_epoch_));
}

int64_t Trainer::total_steps() const {
  if (!time_plan_) return steps_per_epoch_ * config_.train.epochs;
  return position_.planned_steps > 0 ? position_.planned_steps : kStepsBeforeAPlan;
}

std::vector<std::string> Trainer::init_from(const TensorMap& weights) {
  const auto left = load_fitting_weights(learner_.network(), weights);
  if (AveragedWeights* averaged = learner_.averaged()) averaged->load(weights_of(learner_.network()));
  return left;
}

void Trainer::restore(const Checkpoint& checkpoint) {
  load_weights(learner_.network(), checkpoint.weights, "the checkpoint");
  if (AveragedWeights* averaged = learner_.averaged()) averaged->load(checkpoint.weights_to_use());
  position_ = position_from_json(checkpoint.position);
  learner_.optimizer().load_state(checkpoint.optimizer, position_.step);
  scores_ = checkpoint.scores;
  if (position_.step_in_epoch >= steps_per_epoch_) {  // the data were allowed to change, and are fewer now
    ++position_.epoch;
    position_.step_in_epoch = 0;
  }
}

Checkpoint Trainer::checkpoint() {
  Checkpoint checkpoint;
  checkpoint.config = config_text_;
  checkpoint.weights = weights_of(learner_.network());
  if (const AveragedWeights* averaged = learner_.averaged()) checkpoint.ema = averaged->weights();
  checkpoint.optimizer = learner_.optimizer().state();
  checkpoint.position = to_json(position_);
  checkpoint.scores = scores_;
  checkpoint.data_fingerprint = data_.fingerprint;
  return checkpoint;
}

double Trainer::learning_rate() const {
  const auto& train = config_.train;
  const int64_t total = total_steps();
  const int64_t warmup = std::min(train.warmup_steps.value_or(train.schedule->default_warmup(total)), total - 1);
  return train.lr * factor_with_warmup(*train.schedule, position_.step, total, warmup, position_.plateau);
}

TrainingEnd Trainer::run(const std::function<bool()>& stop_requested) {
  if (position_.validation_due && !validate(stop_requested)) return TrainingEnd::interrupted;
  while (!at_end()) {
    Loader loader(training_set_, plan_, position_.epoch, position_.step_in_epoch * config_.train.accumulate);
    UploadedBatches loaded(loader, execution_.device);
    for (const int64_t epoch = position_.epoch; position_.epoch == epoch && !at_end();) {
      const double start = clock_();
      advance(step(loaded));
      const auto& every = config_.train.save_every_steps;
      if (every && position_.step % *every == 0 && !position_.validation_due) save_(checkpoint(), position_);
      plan(clock_() - start);
      if (position_.validation_due && !validate(stop_requested)) return TrainingEnd::interrupted;
      if (stop_requested() && !at_end()) {
        save_(checkpoint(), position_);
        return TrainingEnd::interrupted;
      }
    }
  }
  return position_.stopped_early ? TrainingEnd::stopped_early : TrainingEnd::finished;
}

StepReport Trainer::step(UploadedBatches& loaded) {
  const double start = clock_();
  const double waited_before = loaded.waited_seconds();
  StepReport report;
  report.lr = learning_rate();
  const int64_t first = position_.step_in_epoch * config_.train.accumulate;
  const StepBatches batches([&] { return *loaded.next(); },
                            std::min(config_.train.accumulate, batches_per_epoch_ - first));
  learner_.freeze_for(position_.epoch);
  const StepResult result = step_in_parts(batches, report.lr);
  report.loss = result.loss;
  report.gradient_norm = result.norm;
  if (result.fault.empty()) {
    if (joins_swa()) ++position_.averaged;
    position_.skipped_in_a_row = 0;
    if (execution_.scales_loss) position_.loss_scaler.succeeded();
  } else {
    leave_out(result.fault);
    report.left_out = result.fault;
  }
  report.images = batches.images();
  report.seconds = clock_() - start;
  report.waited_seconds = loaded.waited_seconds() - waited_before;
  return report;
}

/// Repeats the step in twice as many parts if memory runs out and train.out_of_memory allows it.
StepResult Trainer::step_in_parts(const StepBatches& batches, double lr) {
  StepArgs args;
  args.lr = lr;
  args.average_decay = average_decay();
  args.loss_scale = execution_.scales_loss ? position_.loss_scaler.scale : 1;
  args.seed = [this](int64_t micro_batch) {
    return Rng::from(static_cast<uint64_t>(config_.train.seed), "torch", position_.step, micro_batch).bits();
  };
  bool is_updating = false;
  args.observer = [&](StepPhase ended) { is_updating = ended == StepPhase::clip; };
  while (true) {
    args.parts = position_.parts;
    try {
      return learner_.step(batches, args);
    } catch (const std::exception& error) {
      const bool can_halve = config_.train.out_of_memory == "halve" && 2 * position_.parts <= config_.train.batch_size;
      // A step that has changed some of the weights cannot be repeated.
      if (!can_halve || is_updating || !is_out_of_memory(error)) throw;
    }
    position_.parts *= 2;
    learner_.rollback_step();
    const int64_t at_once = (config_.train.batch_size + position_.parts - 1) / position_.parts;
    observer_.warned(position_.step + 1, concat("step ", position_.step + 1, ": out of memory; from here on at most ",
                                                at_once, at_once == 1 ? " sample is" : " samples are",
                                                " computed at once, with the same effective batch"));
  }
}

/// A step whose loss or gradient is not finite changes nothing, by train.nonfinite, or ends the training.
void Trainer::leave_out(const std::string& fault) {
  if (execution_.scales_loss && position_.loss_scaler.can_shrink()) {
    position_.loss_scaler.overflowed();  // which is how the scale is found, and no fault of the training
    return;
  }
  const auto& train = config_.train;
  const bool skips = train.nonfinite == "skip";
  if (!skips || ++position_.skipped_in_a_row > train.nonfinite_limit)
    fail(ErrorKind::not_finite, "[train] step ", position_.step + 1, ": ", fault,
         skips ? concat(", after ", train.nonfinite_limit, " steps that were skipped for the like") : "",
         ". The weights are as before this step. Lower train.lr, set train.clip_grad_norm, or try ",
         "train.precision: fp32", skips ? "." : "; train.nonfinite: skip leaves such steps out.");
  observer_.warned(position_.step + 1, concat("step ", position_.step + 1, " is skipped: ", fault));
}

/// Whether the weights after the next step count in the mean of SWA.
bool Trainer::joins_swa() const {
  const auto& train = config_.train;
  const double begin = train.swa_start * static_cast<double>(total_steps());
  return train.ema_decay <= 0 && train.swa_start > 0 && static_cast<double>(position_.step) >= begin;
}

/// Decay of the averaged weights in the next step.
double Trainer::average_decay() const {
  const auto& train = config_.train;
  if (train.ema_decay > 0) return ema_decay(train.ema_decay, position_.step + 1);
  return swa_decay(position_.averaged + (joins_swa() ? 1 : 0));
}

void Trainer::advance(const StepReport& done) {
  StepReport report = done;
  ++position_.step;
  if (report.left_out.empty()) {
    position_.loss_sum += report.loss;
    ++position_.loss_count;
  }
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

/// By the time that one image takes.
double Trainer::expected_validation_seconds() {
  if (data_.val.empty()) return 0;
  const double start = clock_();
  learner_.release_graph();
  Segmenter segmenter(learner_.shared_network(), preprocessing_, execution_);
  Segmenter::classes(segmenter.logits(preprocessing_.load(data_.val.front()).image));
  return (clock_() - start) * static_cast<double>(data_.val.size());
}

/// Chooses anew how long the training is, where that is due, and saves the choice at once: a resumed run keeps it.
void Trainer::plan(double step_seconds) {
  if (!time_plan_) return;
  pace_.stepped(step_seconds);
  const double steps_share = static_cast<double>(position_.step) / static_cast<double>(total_steps());
  const int64_t due = time_plan_->plans_due(position_.plans, clock_(), steps_share, pace_);
  if (due == position_.plans || at_end()) return;
  if (!pace_.has_validated()) pace_.expect_validation(expected_validation_seconds());
  const double elapsed = clock_();
  position_.plans = due;
  position_.planned_steps = time_plan_->total_steps(position_.step, elapsed, pace_);
  position_.validation_due = position_.validation_due || at_end();
  observer_.planned(position_, elapsed);
  save_(checkpoint(), position_);
}

/// The statistics of BatchNorm for averaged weights, which saw no batch; false when a stop came in between.
bool Trainer::estimate_norm_statistics(const std::function<bool()>& stop_requested) {
  const TemporaryWeights averaged(learner_.network(), learner_.averaged()->weights());
  learner_.freeze_for(position_.epoch);
  Loader loader(training_set_, plan_, position_.epoch);
  torch::manual_seed(Rng::from(static_cast<uint64_t>(config_.train.seed), "norm statistics", position_.step).bits());
  bool stopped = false;
  unet::estimate_norm_statistics(learner_.network(), execution_, [&]() -> std::optional<torch::Tensor> {
    stopped = stopped || stop_requested();
    auto batch = stopped ? std::nullopt : loader.next();
    return batch ? std::optional(batch->images) : std::nullopt;
  });
  if (!stopped) learner_.averaged()->load(weights_of(learner_.network()));
  return !stopped;
}

std::optional<Scores> Trainer::score_validation_images(const std::function<bool()>& stop_requested, bool& stopped) {
  learner_.release_graph();
  if (position_.averaged > 0 && has_batch_norm(learner_.network())) {
    stopped = !estimate_norm_statistics(stop_requested);
    if (stopped) return std::nullopt;
  }
  if (data_.val.empty()) return std::nullopt;
  std::unique_ptr<TemporaryWeights> averaged;
  if (const AveragedWeights* average = learner_.averaged())
    averaged = std::make_unique<TemporaryWeights>(learner_.network(), average->weights());
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
  const double start = clock_();
  ValidationReport report;
  bool stopped = false;
  report.scores = score_validation_images(stop_requested, stopped);
  if (stopped) {
    save_(checkpoint(), position_);
    return false;
  }
  const auto& train = config_.train;
  position_.validation_due = false;
  if (report.scores) {
    const double score = score_by_name(*report.scores, train.best_by);
    train.schedule->validated(score, position_.plateau);
    const bool is_best = score > position_.best_score;
    position_.validations_without_gain = is_best ? 0 : position_.validations_without_gain + 1;
    if (is_best) {
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
  report.seconds = clock_() - start;
  observer_.validated(
      report);  // first: a record of what was not saved is cut back on resume, the reverse would be lost
  save_(checkpoint(), position_);
  pace_.validated(clock_() - start);
  return true;
}

}  // namespace unet
