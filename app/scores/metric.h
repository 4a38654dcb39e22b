#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace unet {

/// One image as metrics see it.
struct PredictedImage {
  cv::Mat truth;                         ///< HxW CV_8UC1: class index or kIgnoreLabel
  cv::Mat prediction;                    ///< HxW CV_8UC1: class index
  std::vector<cv::Mat> probabilities{};  ///< by class, HxW CV_32FC1; empty unless a metric needs them
};

/// Values of a score: one for each class, or a single one. An undefined value is empty.
using MetricValues = std::vector<std::optional<double>>;

/// Result of a metric over a set of images.
struct MetricResult {
  std::vector<MetricValues> scores;         ///< by MetricRow::scores
  std::vector<int64_t> undefined_images{};  ///< by class: images left out because the score is undefined; may be empty
};

/// A score of a set of images beyond the confusion matrix. It keeps counts or sums, so that its memory does not grow
/// with the set, and gives the same result for the same images in the same order.
class Metric {
 public:
  virtual ~Metric() = default;

  /// Adds an image. Calls on one object must not overlap; different objects share nothing.
  virtual void add(const PredictedImage& image) = 0;

  virtual MetricResult result() const = 0;
};

/// A score that a metric gives.
struct MetricScore {
  const char* name;     ///< JSON key in each class, or of the single value
  const char* heading;  ///< on the terminal; of a column, at most 8 characters
};

/// A row of the table of metrics.
struct MetricRow {
  const char* name;     ///< one of kMetricNames
  const char* meaning;  ///< one line with the unit or the range
  bool larger_is_better;
  bool needs_probabilities;
  bool per_class;
  std::vector<MetricScore> scores;
  std::unique_ptr<Metric> (*make)(int64_t num_classes);
};

const std::vector<MetricRow>& metric_rows();
std::vector<std::string> metric_names();

/// Throws Error(config) listing the valid names.
const MetricRow& find_metric(const std::string& name);

/// Result of a metric, with its row.
struct MetricScores {
  const MetricRow* row;
  MetricResult result;
};

/// A number that sums up a set of images, e.g. "mean_boundary_f1".
struct NamedScore {
  std::string name;
  std::optional<double> value;  ///< empty if undefined
};

/// Names of the numbers that sum up the scores of a metric. Of a score by class these are the means over the classes
/// for which it is defined, mean_NAME, and the same without class 0, mean_foreground_NAME.
std::vector<std::string> summary_names(const MetricRow& row);

/// The numbers of `summary_names`, in the same order.
std::vector<NamedScore> summary(const MetricScores& metric);

/// The row whose summary has this name; null if none has.
const MetricRow* metric_of_summary(const std::string& name);

/// Mean of the defined values from index `first`; undefined if there are none.
std::optional<double> mean_of_defined(const MetricValues& values, size_t first = 0);

}  // namespace unet
