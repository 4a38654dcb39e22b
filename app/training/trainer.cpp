#include "app/training/trainer.h"

#include <torch/types.h>

#include <algorithm>

#include "app/runtime/out_of_memory.h"
#include "app/scores/best_score.h"
#include "data/samples/rng.h"

namespace unet {

Trainer::Trainer(const Config& config, const TrainingData& data, const Execution& execution, TrainingObserver& observer,
                 SaveCheckpoint save, RunClock clock, LoadBest load_best)
    : options_(config.train),
      data_(data),
      device_(execution.device),
      observer_(observer),
      save_(std::move(save)),
      clock_(std::move(clock)),
      load_best_(std::move(load_best)),
      batches_(config, data.train, execution),
      validator_(config, data, batches_, execution, clock_),
      learner_(config, data.class_share, validator_.channels(), execution),
      parts_(config.train, batches_.steps_per_epoch(), execution.scales_loss, static_cast<int64_t>(data.val.size())) {
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

bool Trainer::finish(double share) {
  if (progress_.step == 0) fail(ErrorKind::usage, "no step was trained yet, so there is nothing to finish");
  if (parts_.transition.is_finishing() && !is_finished()) return true;
  constexpr double kLow = 0.05;  // of train.lr
  if (is_finished() && parts_.lr(progress_.step) < kLow * options_.lr) return false;
  parts_.transition.finish(progress_.step, parts_.lr(progress_.step - 1), share);
  parts_.validation.continue_periodic();
  save();
  return true;
}

void Trainer::change_time_budget(const TrainOptions& before) {
  if (progress_.step == 0) return;
  TrainingParts parts_before(before, batches_.steps_per_epoch(), /*scales_loss=*/false);
  parts_before.restore(state());
  const double elapsed = clock_();
  const double step_seconds = elapsed / static_cast<double>(progress_.step);
  const double left = std::max(0.0, options_.time_budget->seconds - elapsed);
  const int64_t total = progress_.step + static_cast<int64_t>(left / std::max(step_seconds, 1e-9));
  parts_.time_budget.expect(total);
  parts_.transition.join(progress_.step, parts_before.lr(progress_.step - 1), total);
  parts_.validation.continue_periodic();
  parts_.early_stopping.restart();
  save();
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
  if (comparison_due() && !compare_with_best(stop_requested)) return TrainingEnd::interrupted;
  return has_stopped_early() ? TrainingEnd::stopped_early : TrainingEnd::finished;
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
  report.lr = parts_.lr(progress_.step);
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
  const bool is_periodic = parts_.validation.is_periodic(progress_.step, progress_.step_in_epoch);
  progress_.validation_due = is_periodic || progress_.step == total_steps();
  report.state = state();
  report.steps_in_epoch = batches_.steps_per_epoch();
  report.total_steps = total_steps();
  report.validate_every = parts_.validation.every();
  observer_.stepped(report);
}

/// Replans the length of the training if that is due, and saves the plan at once so that a resumed run keeps it.
void Trainer::plan(double step_seconds) {
  TimeBudget& budget = parts_.time_budget;
  Pace& pace = budget.pace();
  pace.stepped(step_seconds);
  if (parts_.transition.is_finishing()) return;
  const int64_t due = budget.plans_due(progress_.step, clock_(), reserved_seconds());
  if (due == budget.state().plans || at_end()) return;
  if (pace.needs_expectation()) pace.expect_validation(validator_.seconds_per_image(learner_));
  const double elapsed = clock_();
  ValidationSchedule& validation = parts_.validation;
  validation.choose(options_.time_budget->seconds, progress_.step, elapsed, pace);
  const int64_t last_periodic = budget.plan(due, progress_.step, elapsed, validation.times(pace));
  validation.end_periodic_after(last_periodic, total_steps());
  progress_.validation_due = progress_.validation_due || at_end();
  observer_.planned(state(), elapsed);
  save();
}

/// Time of what follows the last step.
double Trainer::reserved_seconds() const {
  const ValidationTimes times = parts_.validation.times(parts_.time_budget.pace());
  return times.each_seconds + times.ending_seconds;
}

std::vector<SampleRef> Trainer::samples_to_validate() const {
  const ValidationSchedule& validation = parts_.validation;
  return spread_over_names(spread_over_names(data_.val, validation.compared_images()), validation.images());
}

/// Validates and saves. Returns false if a stop was requested first; the state before the validation is then saved.
bool Trainer::validate(const std::function<bool()>& stop_requested) {
  const double start = clock_();
  const std::vector<SampleRef> samples = samples_to_validate();
  const auto result = validator_.run(
      learner_, progress_, parts_.averaging.needs_norm_statistics(), samples, stop_requested,
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
  if (samples.size() < data_.val.size()) report.images = static_cast<int64_t>(samples.size());
  report.calibration = result.calibration;
  report.train_loss = progress_.loss_sum / static_cast<double>(std::max<int64_t>(1, progress_.loss_count));
  progress_.loss_sum = 0;
  progress_.loss_count = 0;
  report.state = state();
  report.lr = parts_.lr(progress_.step);
  report.seconds = clock_() - start;
  observer_.validated(report);  // before saving: resume truncates records that are ahead of the checkpoint
  save();
  const auto images = static_cast<int64_t>(samples.size());
  parts_.time_budget.pace().validated(result.seconds, clock_() - start - result.seconds, images);
  return true;
}

/// Compares the last checkpoint with the best one, which periodic validations chose by a part of the images, and saves.
/// Returns false if a stop was requested first.
bool Trainer::compare_with_best(const std::function<bool()>& stop_requested) {
  const double start = clock_();
  const auto samples = spread_over_names(data_.val, parts_.validation.compared_images());
  const auto score = [&](const TensorMap* weights) {
    const auto ignore = [](const auto&, const auto&, const auto&) {};
    return validator_.score(learner_, weights, samples, stop_requested, ignore);
  };
  const AveragedWeights* averaged = learner_.averaged();
  const auto last = score(averaged ? &averaged->weights() : nullptr);
  if (last.stopped) return false;
  const double last_score = comparable_score(last.scores.value(), options_.best_by);
  ComparisonReport report{{}, static_cast<int64_t>(samples.size()), last_score, progress_.step, last_score};
  if (parts_.early_stopping.state().best_step != progress_.step && load_best_) {
    const auto best = best_weights();
    if (best) {
      const auto earlier = score(&*best);
      if (earlier.stopped) return false;
      report.earlier_step = parts_.early_stopping.state().best_step;
      report.earlier_score = comparable_score(earlier.scores.value(), options_.best_by);
    }
    if (report.last_score >= report.earlier_score) take_last_as_best();
  }
  last_.scores = to_json(*last.scores);  // the temperature stays that of its validation, which the log tells
  parts_.validation.compared(progress_.step, std::max(report.last_score, report.earlier_score));
  report.state = state();
  report.seconds = clock_() - start;
  observer_.compared(report);
  save();
  return true;
}

/// Weights of the best checkpoint; nullopt, with a warning, if it cannot be read.
std::optional<TensorMap> Trainer::best_weights() {
  try {
    return load_best_().weights_to_use();
  } catch (const Error& error) {
    observer_.warned(progress_.step, concat(error.what(), " The last checkpoint becomes the best one."));
    return std::nullopt;
  }
}

/// Keeps the score of its own validation, which stays comparable with those to come if the training is lengthened.
void Trainer::take_last_as_best() {
  parts_.early_stopping.choose(comparable_score(last_.scores, options_.best_by), progress_.step);
}

}  // namespace unet
