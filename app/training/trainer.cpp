#include "app/training/trainer.h"

#include <torch/types.h>

#include <algorithm>

#include "app/runtime/out_of_memory.h"
#include "app/scores/best_score.h"
#include "data/samples/rng.h"

namespace unet {

Trainer::Trainer(const Config& config, const TrainingData& data, const Execution& execution, TrainingObserver& observer,
                 SaveCheckpoint save, RunClock clock)
    : options_(config.train),
      device_(execution.device),
      observer_(observer),
      save_(std::move(save)),
      clock_(std::move(clock)),
      batches_(config, data.train, execution),
      validator_(config, data, batches_, execution),
      learner_(config, data.class_share, validator_.channels(), execution),
      parts_(config.train, batches_.steps_per_epoch(), execution.scales_loss) {
  last_.config = portable_config(config);
  last_.data_fingerprint = data.fingerprint;
}

std::vector<std::string> Trainer::init_from(const TensorMap& weights) {
  const auto fresh = load_fitting_weights(learner_.network(), weights);
  if (AveragedWeights* averaged = learner_.averaged()) averaged->load(weights_of(learner_.network()));
  return fresh;
}

void Trainer::restore(const Checkpoint& checkpoint) {
  load_weights(learner_.network(), checkpoint.weights, "the checkpoint");
  if (AveragedWeights* averaged = learner_.averaged()) averaged->load(checkpoint.weights_to_use());
  const TrainingState state = training_state_from_json(checkpoint.state);
  learner_.optimizer().load_state(checkpoint.optimizer, state.step);
  parts_.restore(state);
  progress_ = state;
  last_.scores = checkpoint.scores;
  last_.calibration = checkpoint.calibration;
  if (progress_.step_in_epoch >= batches_.steps_per_epoch()) {  // the data may have changed and be fewer now
    ++progress_.epoch;
    progress_.step_in_epoch = 0;
  }
}

Checkpoint Trainer::checkpoint() {
  Checkpoint checkpoint = last_;
  checkpoint.weights = weights_of(learner_.network());
  if (const AveragedWeights* averaged = learner_.averaged()) checkpoint.ema = averaged->weights();
  checkpoint.optimizer = learner_.optimizer().state();
  checkpoint.state = to_json(state());
  return checkpoint;
}

TrainingEnd Trainer::run(const std::function<bool()>& stop_requested) {
  if (progress_.validation_due && !validate(stop_requested)) return TrainingEnd::interrupted;
  while (!at_end())
    if (!train_epoch(stop_requested)) return TrainingEnd::interrupted;
  return parts_.early_stopping.stops() ? TrainingEnd::stopped_early : TrainingEnd::finished;
}

/// Trains the remaining steps of the current epoch. Returns false if a stop was requested first.
bool Trainer::train_epoch(const std::function<bool()>& stop_requested) {
  Loader loader = batches_.load(progress_.epoch, progress_.step_in_epoch);
  DevicePrefetcher batches(loader, device_);
  for (const int64_t epoch = progress_.epoch; progress_.epoch == epoch && !at_end();) {
    const double start = clock_();
    advance(step(batches));
    const auto& every = options_.save_every_steps;
    if (every && progress_.step % *every == 0 && !progress_.validation_due) save();
    plan(clock_() - start);
    if (progress_.validation_due && !validate(stop_requested)) return false;
    if (stop_requested() && !at_end()) {
      save();
      return false;
    }
  }
  return true;
}

StepReport Trainer::step(DevicePrefetcher& prefetcher) {
  const double start = clock_();
  const double waited_before = prefetcher.waited_seconds();
  StepReport report;
  report.lr = parts_.learning_rate.at(progress_.step, total_steps());
  const StepBatches batches([&] { return *prefetcher.next(); }, batches_.micro_batches(progress_.step_in_epoch));
  learner_.freeze_for(progress_.epoch);
  const StepResult result = step_in_parts(batches, report.lr);
  report.loss = result.loss;
  report.gradient_norm = result.norm;
  report.skipped = result.fault;
  if (result.fault.empty()) {
    parts_.averaging.updated(progress_.step, total_steps());
    parts_.nonfinite.succeeded();
    parts_.loss_scaler.succeeded();
  } else {
    skip_step(result.fault);
  }
  report.images = batches.images();
  report.seconds = clock_() - start;
  report.waited_seconds = prefetcher.waited_seconds() - waited_before;
  return report;
}

/// Repeats the step in smaller parts if memory runs out and train.out_of_memory allows it.
StepResult Trainer::step_in_parts(const StepBatches& batches, double lr) {
  StepArgs args;
  args.lr = lr;
  args.average_decay = parts_.averaging.decay(progress_.step, total_steps());
  args.loss_scale = parts_.loss_scaler.scale();
  args.seed = [this](int64_t micro_batch) {
    return Rng::from(static_cast<uint64_t>(options_.seed), "torch", progress_.step, micro_batch).bits();
  };
  bool is_updating = false;
  args.observer = [&](StepPhase ended) { is_updating = ended == StepPhase::clip; };
  while (true) {
    args.parts = parts_.splitter.parts();
    try {
      return learner_.step(batches, args);
    } catch (const std::exception& error) {
      // A step that has changed some of the weights cannot be repeated.
      if (is_updating || !is_out_of_memory(error) || !parts_.splitter.split()) throw;
    }
    learner_.rollback_step();
    observer_.warned(progress_.step + 1, parts_.splitter.warning(progress_.step + 1));
  }
}

/// Counts a step whose loss or gradient is not finite, unless an overflow in fp16 merely lowers the loss scale.
void Trainer::skip_step(const std::string& fault) {
  if (parts_.loss_scaler.overflowed()) return;
  observer_.warned(progress_.step + 1, parts_.nonfinite.skip(progress_.step + 1, fault));
}

void Trainer::advance(StepReport report) {
  ++progress_.step;
  if (report.skipped.empty()) {
    progress_.loss_sum += report.loss;
    ++progress_.loss_count;
  }
  if (++progress_.step_in_epoch == batches_.steps_per_epoch()) {
    ++progress_.epoch;
    progress_.step_in_epoch = 0;
  }
  const auto& every = options_.validate_every_steps;
  const bool is_periodic = every ? progress_.step % *every == 0 : progress_.step_in_epoch == 0;
  progress_.validation_due = is_periodic || progress_.step == total_steps();
  report.state = state();
  report.steps_in_epoch = batches_.steps_per_epoch();
  report.total_steps = total_steps();
  observer_.stepped(report);
}

/// Replans the length of the training if that is due, and saves the plan at once so that a resumed run keeps it.
void Trainer::plan(double step_seconds) {
  TimeBudget& budget = parts_.time_budget;
  budget.stepped(step_seconds);
  const int64_t due = budget.plans_due(progress_.step, clock_());
  if (due == budget.state().plans || at_end()) return;
  if (budget.needs_validation_time()) budget.expect_validation(validator_.expected_seconds(learner_, clock_));
  const double elapsed = clock_();
  budget.plan(due, progress_.step, elapsed);
  progress_.validation_due = progress_.validation_due || at_end();
  observer_.planned(state(), elapsed);
  save();
}

/// Validates and saves. Returns false if a stop was requested first; the state before the validation is then saved.
bool Trainer::validate(const std::function<bool()>& stop_requested) {
  const double start = clock_();
  const auto result = validator_.run(
      learner_, progress_, parts_.averaging.needs_norm_statistics(), stop_requested,
      [this](const auto& pair, const auto& sample, const auto& mask) { observer_.predicted(pair, sample, mask); });
  if (result.stopped) {
    save();
    return false;
  }
  progress_.validation_due = false;
  if (result.scores) {
    const double score = comparable_score(*result.scores, options_.best_by);
    parts_.learning_rate.validated(score);
    parts_.early_stopping.validated(score, progress_.step);
    last_.scores = to_json(*result.scores);
    last_.calibration = result.calibration ? to_json(*result.calibration) : nlohmann::json();
  }
  ValidationReport report;
  report.scores = result.scores;
  report.calibration = result.calibration;
  report.train_loss = progress_.loss_sum / static_cast<double>(std::max<int64_t>(1, progress_.loss_count));
  progress_.loss_sum = 0;
  progress_.loss_count = 0;
  report.state = state();
  report.lr = parts_.learning_rate.at(progress_.step, total_steps());
  report.seconds = clock_() - start;
  observer_.validated(report);  // before saving: resume truncates records that are ahead of the checkpoint
  save();
  parts_.time_budget.validated(clock_() - start);
  return true;
}

}  // namespace unet
