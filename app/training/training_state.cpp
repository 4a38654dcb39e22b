#include "app/training/training_state.h"

#include <nlohmann/json.hpp>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Visits the fields of all parts, to read and to write them.
template <class State, class Visitor>
void visit_training_state(State& state, Visitor&& visit) {
  TrainingProgress::fields(state, visit);
  PlateauState::fields(state.plateau, visit);
  EarlyStoppingState::fields(state.early_stopping, visit);
  AveragingState::fields(state.averaging, visit);
  NonFiniteState::fields(state.nonfinite, visit);
  SplitterState::fields(state.splitter, visit);
  TimeBudgetState::fields(state.time_budget, visit);
  LossScalerState::fields(state.loss_scaler, visit);
}

/// Visits the fields that are stored only where they differ from their defaults.
template <class State, class Visitor>
void visit_optional_state(State& state, Visitor&& visit) {
  LrTransitionState::fields(state.transition, visit);
  ValidationScheduleState::fields(state.validation, visit);
}

}  // namespace

nlohmann::json to_json(const TrainingState& state) {
  nlohmann::json json;
  visit_training_state(state, [&](const char* name, const auto& value) { json[name] = value; });
  nlohmann::json defaults;
  const TrainingState default_state;
  visit_optional_state(default_state, [&](const char* name, const auto& value) { defaults[name] = value; });
  visit_optional_state(state, [&](const char* name, const auto& value) {
    if (nlohmann::json stored = value; stored != defaults[name]) json[name] = std::move(stored);
  });
  return json;
}

TrainingState training_state_from_json(const nlohmann::json& json) {
  TrainingState state;
  try {
    const auto read = [&](const char* name, auto& value) {
      if (json.contains(name)) json[name].get_to(value);
    };
    visit_training_state(state, read);
    visit_optional_state(state, read);
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::data, "the state of the training cannot be read: ", error.what());
  }
  return state;
}

}  // namespace unet
