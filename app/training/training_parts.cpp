#include "app/training/training_parts.h"

namespace unet {
namespace {

/// Visits each part together with its state.
template <class Parts, class State, class Visitor>
void visit_training_parts(Parts& parts, State& state, Visitor&& visit) {
  visit(parts.learning_rate, state.plateau);
  visit(parts.early_stopping, state.early_stopping);
  visit(parts.averaging, state.averaging);
  visit(parts.nonfinite, state.nonfinite);
  visit(parts.splitter, state.splitter);
  visit(parts.time_budget, state.time_budget);
  visit(parts.loss_scaler, state.loss_scaler);
  visit(parts.transition, state.transition);
  visit(parts.validation, state.validation);
}

}  // namespace

TrainingParts::TrainingParts(const TrainOptions& options, int64_t steps_per_epoch, bool scales_loss,
                             int64_t validation_images)
    : learning_rate(options),
      early_stopping(options),
      averaging(options),
      nonfinite(options),
      splitter(options),
      time_budget(options, steps_per_epoch),
      loss_scaler(scales_loss),
      validation(options, steps_per_epoch, validation_images) {}

TrainingState TrainingParts::state(const TrainingProgress& progress) const {
  TrainingState state;
  static_cast<TrainingProgress&>(state) = progress;
  visit_training_parts(*this, state, [](const auto& part, auto& part_state) { part_state = part.state(); });
  return state;
}

void TrainingParts::restore(const TrainingState& state) {
  visit_training_parts(*this, state, [](auto& part, const auto& part_state) { part.restore(part_state); });
}

}  // namespace unet
