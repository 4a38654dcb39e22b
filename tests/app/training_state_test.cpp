#include "app/training/training_state.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/error_text.h"

namespace unet {
namespace {

/// State of a training as the first program with format version 2 stored it.
const nlohmann::json& stored_state() {
  static const auto json = nlohmann::json::parse(R"({
    "averaged": 3, "best_score": 0.75, "best_step": 14, "epoch": 4, "loss_count": 2, "loss_scale": 1024.0,
    "loss_scale_good_steps": 7, "loss_sum": 1.5, "parts": 2, "planned_steps": 100, "plans": 5,
    "plateau_best_score": 0.5, "plateau_factor": 0.1, "plateau_validations_without_gain": 6, "skipped_in_a_row": 1,
    "step": 16, "step_in_epoch": 0, "stopped_early": true, "validation_due": true, "validations_without_gain": 2})");
  return json;
}

TEST(TrainingState, IsReadAndWrittenUnderTheKeysOfEarlierCheckpoints) {
  const TrainingState state = training_state_from_json(stored_state());
  EXPECT_EQ(state.step, 16);
  EXPECT_EQ(state.plateau.factor, 0.1);
  EXPECT_EQ(state.early_stopping.best_step, 14);
  EXPECT_TRUE(state.early_stopping.stopped);
  EXPECT_EQ(state.averaging.averaged, 3);
  EXPECT_EQ(state.nonfinite.skipped_in_a_row, 1);
  EXPECT_EQ(state.splitter.parts, 2);
  EXPECT_EQ(state.time_budget.plans, 5);
  EXPECT_EQ(state.loss_scaler.good_steps, 7);
  EXPECT_EQ(to_json(state).dump(), stored_state().dump());
}

TEST(TrainingState, MissingFieldsKeepTheirDefaults) {
  const auto defaults = to_json(TrainingState());
  for (const auto& item : defaults.items()) {
    auto json = stored_state();
    json.erase(item.key());
    EXPECT_EQ(to_json(training_state_from_json(json)).at(item.key()), item.value()) << item.key();
  }
}

TEST(TrainingState, FieldsOfTransitionAndValidationAreStoredOnlyWhereTheyAreUsed) {
  const TrainingState unused = training_state_from_json(stored_state());
  TrainingState used = unused;
  used.transition = {10, 20, 0.5, true};
  used.validation.last_periodic_step = 0;
  const nlohmann::json json = to_json(used);
  EXPECT_EQ(json.size(), stored_state().size() + 5);
  const TrainingState read = training_state_from_json(json);
  EXPECT_EQ(read.transition.from_step, 10);
  EXPECT_EQ(read.transition.to_step, 20);
  EXPECT_EQ(read.transition.from_lr, 0.5);
  EXPECT_TRUE(read.transition.finishes);
  EXPECT_EQ(read.validation.last_periodic_step, 0);
  EXPECT_EQ(to_json(read), json);
}

TEST(TrainingState, AFieldOfAnotherTypeIsRefused) {
  auto json = stored_state();
  json["plans"] = "five";
  const std::string text = error_text(ErrorKind::data, [&] { training_state_from_json(json); });
  EXPECT_EQ(text.rfind("the state of the training cannot be read: ", 0), 0u) << text;
}

TEST(TrainingState, IsBestOnceItsValidationIsDone) {
  TrainingState state;
  EXPECT_FALSE(state.is_best()) << "before any validation";
  state.step = state.early_stopping.best_step = 7;
  EXPECT_TRUE(state.is_best());
  state.validation_due = true;
  EXPECT_FALSE(state.is_best());
}

}  // namespace
}  // namespace unet
