#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/scores/metric.h"

namespace unet {

/// Adds metrics to the JSON object of the scores: to each of its `classes` the scores of that class and
/// NAME_undefined_images where the metric counts such images, and to the object itself `summary`. Undefined is null.
void add_metrics(nlohmann::json& scores, const std::vector<MetricScores>& metrics);

/// Formats metrics for the terminal: a table by class, a line for each other score, and the classes with images for
/// which a score is undefined; "" without metrics.
std::string metric_table(const std::vector<MetricScores>& metrics, const std::vector<std::string>& class_names);

}  // namespace unet
