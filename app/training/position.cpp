#include "app/training/position.h"

#include <nlohmann/json.hpp>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Lists the members once; `visit(name, member)` for reading and writing.
template <class P, class V>
void members(P& p, V&& visit) {
  visit("step", p.step);
  visit("epoch", p.epoch);
  visit("step_in_epoch", p.step_in_epoch);
  visit("loss_sum", p.loss_sum);
  visit("loss_count", p.loss_count);
  visit("validation_due", p.validation_due);
  visit("stopped_early", p.stopped_early);
  visit("best_score", p.best_score);
  visit("best_step", p.best_step);
  visit("validations_without_gain", p.validations_without_gain);
  visit("plateau_factor", p.plateau.factor);
  visit("plateau_best_score", p.plateau.best_score);
  visit("plateau_validations_without_gain", p.plateau.validations_without_gain);
  visit("averaged", p.averaged);
  visit("skipped_in_a_row", p.skipped_in_a_row);
  visit("parts", p.parts);
  visit("planned_steps", p.planned_steps);
  visit("plans", p.plans);
  visit("loss_scale", p.loss_scaler.scale);
  visit("loss_scale_good_steps", p.loss_scaler.good_steps);
}

}  // namespace

nlohmann::json to_json(const Position& position) {
  nlohmann::json json;
  members(position, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

Position position_from_json(const nlohmann::json& json) {
  Position position;
  try {
    members(position, [&](const char* name, auto& value) {
      if (json.contains(name)) json[name].get_to(value);
    });
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::data, "[checkpoint] its position cannot be read: ", error.what());
  }
  return position;
}

}  // namespace unet
