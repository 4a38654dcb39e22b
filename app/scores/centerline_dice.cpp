#include "app/scores/centerline_dice.h"

#include "app/scores/class_masks.h"
#include "app/scores/skeleton.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

struct SkeletonPixels {
  int64_t inside = 0, all = 0;

  void add(const cv::Mat& centerline, const cv::Mat& mask) {
    all += cv::countNonZero(centerline);
    inside += cv::countNonZero(centerline & mask);
  }
  double share() const { return all == 0 ? 0 : static_cast<double>(inside) / static_cast<double>(all); }
};

class CenterlineDice : public Metric {
 public:
  explicit CenterlineDice(int64_t num_classes)
      : truth_(static_cast<size_t>(num_classes)), prediction_(static_cast<size_t>(num_classes)) {}

  void add(const PredictedImage& image) override {
    for (size_t c = 0; c < truth_.size(); ++c) {
      const auto label = static_cast<int64_t>(c);
      const cv::Rect window = class_window(image.truth, image.prediction, label);
      if (window.empty()) continue;
      const cv::Mat is_scored = image.truth(window) != static_cast<int>(kIgnoreLabel);
      const cv::Mat true_mask = class_mask(image.truth(window), label);
      const cv::Mat predicted_mask = class_mask(image.prediction(window), label);
      truth_[c].add(skeleton(true_mask), predicted_mask);
      // Ignored pixels are left out of the skeleton, not of the mask, which they would cut.
      prediction_[c].add(skeleton(predicted_mask) & is_scored, true_mask);
    }
  }

  MetricResult result() const override {
    MetricValues values(truth_.size());
    for (size_t c = 0; c < truth_.size(); ++c) {
      if (truth_[c].all == 0) continue;
      const double precision = prediction_[c].share(), sensitivity = truth_[c].share();
      values[c] = precision + sensitivity == 0 ? 0 : 2 * precision * sensitivity / (precision + sensitivity);
    }
    return {{values}};
  }

 private:
  std::vector<SkeletonPixels> truth_, prediction_;  // by class
};

}  // namespace

std::unique_ptr<Metric> make_centerline_dice(int64_t num_classes) {
  return std::make_unique<CenterlineDice>(num_classes);
}

}  // namespace unet
