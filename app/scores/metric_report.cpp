#include "app/scores/metric_report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/scores/text_columns.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

nlohmann::json metric_json(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

/// Lines of a table: names on the left, cells on the right.
class MetricLines {
 public:
  explicit MetricLines(const std::vector<std::string>& names) {
    for (const std::string& name : names) width_ = std::max(width_, text_columns(name));
  }
  void add(const std::string& name, const std::string& cells) {
    text += name + std::string(width_ - text_columns(name), ' ') + cells + "\n";
  }
  std::string text;

 private:
  size_t width_ = std::string("mean (foreground)").size();
};

/// Calls `visit(score, values)` for each score by class.
template <class Visitor>
void visit_class_scores(const std::vector<MetricScores>& metrics, const Visitor& visit) {
  for (const MetricScores& metric : metrics)
    for (size_t i = 0; metric.row->per_class && i < metric.row->scores.size(); ++i)
      visit(metric.row->scores[i], metric.result.scores[i]);
}

std::string heading_cell(const char* heading) {
  char text[16];
  std::snprintf(text, sizeof(text), "%9s", heading);
  return text;
}

std::string class_table(const std::vector<MetricScores>& metrics, const std::vector<std::string>& class_names) {
  std::string headings;
  visit_class_scores(metrics, [&](const MetricScore& score, const auto&) { headings += heading_cell(score.heading); });
  if (headings.empty()) return "";
  MetricLines lines(class_names);
  const auto add = [&](const std::string& name, const auto& value_of) {
    std::string cells;
    visit_class_scores(metrics,
                       [&](const auto&, const MetricValues& values) { cells += score_cell(value_of(values)); });
    lines.add(name, cells);
  };
  lines.add("class", headings);
  for (size_t c = 0; c < class_names.size(); ++c)
    add(class_names[c], [&](const MetricValues& values) { return values.at(c); });
  add("mean", [](const MetricValues& values) { return mean_of_defined(values); });
  add("mean (foreground)", [](const MetricValues& values) { return mean_of_defined(values, 1); });
  return lines.text;
}

std::string undefined_note(const MetricScores& metric, const std::vector<std::string>& class_names) {
  std::vector<std::string> counts;
  for (size_t c = 0; c < metric.result.undefined_images.size(); ++c)
    if (const int64_t images = metric.result.undefined_images[c]; images > 0)
      counts.push_back(class_names[c] + " in " + counted(images, "image"));
  if (counts.empty()) return "";
  return std::string(metric.row->scores[0].heading) +
         " is undefined where only the mask or only the prediction has the "
         "class, and leaves out: " +
         join(counts) + "\n";
}

}  // namespace

void add_metrics(nlohmann::json& scores, const std::vector<MetricScores>& metrics) {
  nlohmann::json& classes = scores["classes"];
  visit_class_scores(metrics, [&](const MetricScore& score, const MetricValues& values) {
    for (size_t c = 0; c < values.size(); ++c) classes[c][score.name] = metric_json(values[c]);
  });
  for (const MetricScores& metric : metrics) {
    for (size_t c = 0; c < metric.result.undefined_images.size(); ++c)
      classes[c][std::string(metric.row->name) + "_undefined_images"] = metric.result.undefined_images[c];
    for (const NamedScore& score : summary(metric)) scores[score.name] = metric_json(score.value);
  }
}

std::string metric_table(const std::vector<MetricScores>& metrics, const std::vector<std::string>& class_names) {
  std::string text = class_table(metrics, class_names);
  MetricLines lines({});
  for (const MetricScores& metric : metrics)
    for (size_t i = 0; !metric.row->per_class && i < metric.row->scores.size(); ++i)
      lines.add(metric.row->scores[i].heading, score_cell(metric.result.scores[i].at(0)));
  text += lines.text;
  for (const MetricScores& metric : metrics) text += undefined_note(metric, class_names);
  return text;
}

}  // namespace unet
