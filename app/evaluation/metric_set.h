#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "app/scores/metric.h"

namespace unet {

/// Metrics of one evaluation. Keeps only their counts and sums, so that its memory does not grow with the images.
class MetricSet {
 public:
  /// `names`: metrics of metric_rows. Throws Error(config) for another name. Probabilities are taken at `temperature`.
  MetricSet(const std::vector<std::string>& names, int64_t num_classes, double temperature = 1);

  /// Adds an image: truth and prediction HxW CV_8UC1, logits (1,C,H,W).
  void add(const cv::Mat& truth, const cv::Mat& prediction, const torch::Tensor& logits);

  std::vector<MetricScores> scores() const;

 private:
  struct Item {
    const MetricRow* row;
    std::unique_ptr<Metric> metric;
  };
  std::vector<Item> items_;
  bool needs_probabilities_ = false;
  double temperature_;
};

}  // namespace unet
