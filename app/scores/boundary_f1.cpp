#include "app/scores/boundary_f1.h"

#include <algorithm>
#include <cmath>

#include "app/scores/class_masks.h"

namespace unet {
namespace {

/// Boundary pixels of one side, and those of them that are near the boundary of the other side.
struct BoundaryPixels {
  int64_t matched = 0, all = 0;

  void add(const cv::Mat& boundary, const cv::Mat& other, double tolerance) {
    const int count = cv::countNonZero(boundary);
    all += count;
    if (count > 0 && cv::countNonZero(other) > 0)
      matched += cv::countNonZero(boundary & (distance_to(other) <= tolerance));
  }
  double share() const { return all == 0 ? 0 : static_cast<double>(matched) / static_cast<double>(all); }
};

class BoundaryF1 : public Metric {
 public:
  explicit BoundaryF1(int64_t num_classes)
      : truth_(static_cast<size_t>(num_classes)), prediction_(static_cast<size_t>(num_classes)) {}

  void add(const PredictedImage& image) override {
    const cv::Mat prediction = without_ignored(image.prediction, image.truth);
    const double tolerance = boundary_tolerance(image.truth.size());
    for (size_t c = 0; c < truth_.size(); ++c) {
      const auto label = static_cast<int64_t>(c);
      const cv::Rect window = class_window(image.truth, prediction, label);
      if (window.empty()) continue;
      const cv::Mat true_boundary = class_boundary(image.truth(window), label);
      const cv::Mat predicted_boundary = class_boundary(prediction(window), label);
      truth_[c].add(true_boundary, predicted_boundary, tolerance);
      prediction_[c].add(predicted_boundary, true_boundary, tolerance);
    }
  }

  MetricResult result() const override {
    MetricValues values(truth_.size());
    for (size_t c = 0; c < truth_.size(); ++c) {
      if (truth_[c].all == 0) continue;
      const double precision = prediction_[c].share(), recall = truth_[c].share();
      values[c] = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
    return {{values}};
  }

 private:
  std::vector<BoundaryPixels> truth_, prediction_;  // by class
};

}  // namespace

double boundary_tolerance(cv::Size size) {
  return std::max(1.0, 0.0075 * std::hypot(static_cast<double>(size.width), static_cast<double>(size.height)));
}

std::unique_ptr<Metric> make_boundary_f1(int64_t num_classes) { return std::make_unique<BoundaryF1>(num_classes); }

}  // namespace unet
