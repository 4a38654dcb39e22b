#include "app/scores/metric.h"

#include <algorithm>

#include "app/scores/boundary_f1.h"
#include "app/scores/calibration_error.h"
#include "app/scores/centerline_dice.h"
#include "app/scores/hausdorff.h"
#include "app/scores/instance_ap.h"
#include "app/scores/panoptic_quality.h"
#include "configs/schema/error.h"
#include "configs/schema/suggest.h"

namespace unet {

const std::vector<MetricRow>& metric_rows() {
  static const std::vector<MetricRow> table{
      {"boundary_f1",
       "F1 of boundary pixels within 0.75% of the image diagonal",
       /*larger_is_better=*/true,
       /*needs_probabilities=*/false,
       /*per_class=*/true,
       {{"boundary_f1", "bound.F1"}},
       make_boundary_f1},
      {"hausdorff_95",
       "95th percentile of the distance between outlines, in pixels",
       /*larger_is_better=*/false,
       /*needs_probabilities=*/false,
       /*per_class=*/true,
       {{"hausdorff_95", "HD95"}},
       make_hausdorff},
      {"instance_ap",
       "average precision of connected components at IoU 0.5 to 0.95, and at 0.5",
       /*larger_is_better=*/true,
       /*needs_probabilities=*/false,
       /*per_class=*/true,
       {{"instance_ap", "AP"}, {"instance_ap50", "AP50"}},
       make_instance_ap},
      {"panoptic_quality",
       "panoptic, segmentation and recognition quality of connected components",
       /*larger_is_better=*/true,
       /*needs_probabilities=*/false,
       /*per_class=*/true,
       {{"panoptic_quality", "PQ"}, {"segmentation_quality", "SQ"}, {"recognition_quality", "RQ"}},
       make_panoptic_quality},
      {"centerline_dice",
       "clDice: overlap of centerlines and masks",
       /*larger_is_better=*/true,
       /*needs_probabilities=*/false,
       /*per_class=*/true,
       {{"centerline_dice", "clDice"}},
       make_centerline_dice},
      {"calibration_error",
       "expected calibration error of the probabilities, 15 bins",
       /*larger_is_better=*/false,
       /*needs_probabilities=*/true,
       /*per_class=*/false,
       {{"calibration_error", "calibration error"}},
       make_calibration_error},
  };
  return table;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricRow& row : metric_rows()) names.emplace_back(row.name);
  return names;
}

const MetricRow& find_metric(const std::string& name) {
  for (const MetricRow& row : metric_rows())
    if (name == row.name) return row;
  fail(ErrorKind::config, "unknown metric: got '", name, "'", expected_one_of(name, metric_names()));
}

std::optional<double> mean_of_defined(const MetricValues& values, size_t first) {
  double sum = 0;
  int64_t count = 0;
  for (size_t i = first; i < values.size(); ++i) {
    if (!values[i]) continue;
    sum += *values[i];
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

std::vector<std::string> summary_names(const MetricRow& row) {
  std::vector<std::string> names;
  for (const MetricScore& score : row.scores) {
    if (row.per_class)
      names.insert(names.end(), {std::string("mean_") + score.name, std::string("mean_foreground_") + score.name});
    else
      names.emplace_back(score.name);
  }
  return names;
}

std::vector<NamedScore> summary(const MetricScores& metric) {
  const auto names = summary_names(*metric.row);
  std::vector<NamedScore> scores;
  for (const MetricValues& values : metric.result.scores) {
    scores.push_back({names.at(scores.size()), metric.row->per_class ? mean_of_defined(values) : values.at(0)});
    if (metric.row->per_class) scores.push_back({names.at(scores.size()), mean_of_defined(values, 1)});
  }
  return scores;
}

const MetricRow* metric_of_summary(const std::string& name) {
  for (const MetricRow& row : metric_rows()) {
    const auto names = summary_names(row);
    if (std::find(names.begin(), names.end(), name) != names.end()) return &row;
  }
  return nullptr;
}

}  // namespace unet
