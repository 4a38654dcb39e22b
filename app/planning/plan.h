#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/planning/choices.h"
#include "configs/schema/tree.h"

namespace unet {

/// An option whose value a plan chose, and why.
struct PlannedOption {
  std::string path;
  std::string value;  ///< as YAML
  std::string reason;
};

/// What a planned training will take and do.
struct Forecast {
  std::optional<double> seconds;        ///< of the whole training; nullopt: train.epochs decides, and no time was given
  std::optional<int64_t> memory_bytes;  ///< peak of the whole program; nullopt: not forecast (CUDA, train.epochs)
  int64_t steps = 0;
  int64_t images = 0;  ///< training samples seen
};

/// A plan of a training.
struct Plan {
  PlanInput input;
  std::vector<PlannedOption> options;  ///< in the order of the table of choices; those that the user gave are absent
  Forecast forecast;
};

/// Whether the tree of a config gives this option, a part of it, or what it is a part of.
bool is_given(const Tree& given, const std::string& path);

/// Applies every choice of the table, apart from given options, to `draft`, and returns them.
std::vector<PlannedOption> choose_options(const PlanInput& input, const Tree& given, Config& draft);

/// Halves the batch, and after that recomputes activations, until `bytes` of the draft fits into the memory. Given
/// options stay. Adds what it changes to `options`.
void fit_into_memory(int64_t memory_bytes, const std::function<int64_t(const Config&)>& bytes, const Tree& given,
                     Config& draft, std::vector<PlannedOption>& options);

/// The samples that a plan learns from.
struct PlanSubject {
  const Dataset& dataset;                  ///< accepted
  const std::vector<double>& class_share;  ///< see TrainingData
  const Tree& given;                       ///< the options of the user
  const Execution& execution;
};

/// Measures data and machine, chooses every option that is not given, and sets it in `config`, which is resolved.
/// `stop` (may be empty) returns whether to stop. Throws Error(interrupted), Error(data).
Plan make_plan(const PlanSubject& subject, const PlanLimits& limits, const std::function<bool()>& stop, Config& config);

}  // namespace unet
