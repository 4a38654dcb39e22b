#include "app/scores/best_score.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "configs/schema/error.h"

namespace unet {
namespace {

/// Comparable value of an undefined score of which smaller is better.
constexpr double kUndefinedComparable = -1e300;

bool is_smaller_better(const std::string& name) {
  const MetricRow* row = metric_of_summary(name);
  return row != nullptr && !row->larger_is_better;
}

double comparable(std::optional<double> score, const std::string& name) {
  if (!is_smaller_better(name)) return score.value_or(0);
  return score ? -*score : kUndefinedComparable;
}

}  // namespace

std::vector<std::string> best_by_names() {
  std::vector<std::string> names = score_names();
  for (const MetricRow& row : metric_rows()) {
    const auto own = summary_names(row);
    names.insert(names.end(), own.begin(), own.end());
  }
  return names;
}

std::optional<double> find_score(const Scores& scores, const std::string& name) {
  if (metric_of_summary(name) == nullptr) return score_by_name(scores, name);
  for (const MetricScores& metric : scores.metrics)
    for (const NamedScore& score : summary(metric))
      if (score.name == name) return score.value;
  fail(ErrorKind::internal, "[scores] ", name, " was not computed");
}

double comparable_score(const Scores& scores, const std::string& name) {
  return comparable(find_score(scores, name), name);
}

double comparable_score(const nlohmann::json& scores, const std::string& name) {
  const nlohmann::json score = scores.value(name, nlohmann::json());
  return comparable(score.is_number() ? std::optional(score.get<double>()) : std::nullopt, name);
}

double worst_comparable_score(const std::string& name) {
  return is_smaller_better(name) ? std::numeric_limits<double>::lowest() : -1;
}

std::string score_text(const std::string& name, double comparable) {
  if (is_smaller_better(name) && comparable <= kUndefinedComparable) return "undefined";
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", is_smaller_better(name) ? -comparable : comparable);
  return text;
}

std::vector<std::string> metrics_to_compute(const std::vector<std::string>& metrics, const std::string& best_by) {
  const MetricRow* deciding = metric_of_summary(best_by);
  std::vector<std::string> names;
  for (const MetricRow& row : metric_rows())
    if (&row == deciding || std::find(metrics.begin(), metrics.end(), row.name) != metrics.end())
      names.emplace_back(row.name);
  return names;
}

}  // namespace unet
