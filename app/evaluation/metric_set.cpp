#include "app/evaluation/metric_set.h"

#include "app/inference/segmenter.h"

namespace unet {

MetricSet::MetricSet(const std::vector<std::string>& names, int64_t num_classes, double temperature)
    : temperature_(temperature) {
  for (const std::string& name : names) {
    const MetricRow& row = find_metric(name);
    items_.push_back({&row, row.make(num_classes)});
    needs_probabilities_ = needs_probabilities_ || row.needs_probabilities;
  }
}

void MetricSet::add(const cv::Mat& truth, const cv::Mat& prediction, const torch::Tensor& logits) {
  if (items_.empty()) return;
  PredictedImage image{truth, prediction};
  torch::Tensor probabilities;  // owns what image.probabilities refers to
  if (needs_probabilities_) probabilities = Segmenter::probabilities(logits, temperature_);
  for (int64_t c = 0; needs_probabilities_ && c < probabilities.size(0); ++c)
    image.probabilities.emplace_back(truth.rows, truth.cols, CV_32FC1, probabilities[c].data_ptr<float>());
  for (const Item& item : items_) item.metric->add(image);
}

std::vector<MetricScores> MetricSet::scores() const {
  std::vector<MetricScores> scores;
  for (const Item& item : items_) scores.push_back({item.row, item.metric->result()});
  return scores;
}

}  // namespace unet
