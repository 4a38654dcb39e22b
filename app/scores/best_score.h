#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/scores/scores.h"

namespace unet {

// Scores that select the best checkpoint (train.best_by). Some are better when larger, others when smaller; trainings
// compare and store a comparable value of which larger is always better.

/// Names of all scores that can select the best checkpoint: those of the confusion matrix, then those of every metric.
std::vector<std::string> best_by_names();

/// Value of a score of the confusion matrix or of a metric that was computed; empty if it is undefined. Throws
/// Error(internal) for a metric that was not computed.
std::optional<double> find_score(const Scores& scores, const std::string& name);

/// The score, negated where smaller is better. An undefined one is worse than any other: 0 where larger is better.
double comparable_score(const Scores& scores, const std::string& name);

/// The same of scores that `to_json` wrote.
double comparable_score(const nlohmann::json& scores, const std::string& name);

/// A comparable value below all others, for the time before the first validation.
double worst_comparable_score(const std::string& name);

/// Formats the score that has this comparable value: "0.8123", or "undefined".
std::string score_text(const std::string& name, double comparable);

/// Metrics to compute for a training: those in `metrics`, and that of the score `best_by`, in the order of the table.
std::vector<std::string> metrics_to_compute(const std::vector<std::string>& metrics, const std::string& best_by);

}  // namespace unet
