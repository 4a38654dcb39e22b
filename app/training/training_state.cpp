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

}  // namespace

nlohmann::json to_json(const TrainingState& state) {
  nlohmann::json json;
  visit_training_state(state, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

TrainingState training_state_from_json(const nlohmann::json& json) {
  TrainingState state;
  try {
    visit_training_state(state, [&](const char* name, auto& value) {
      if (json.contains(name)) json[name].get_to(value);
    });
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::data, "the state of the training cannot be read: ", error.what());
  }
  return state;
}

}  // namespace unet
