#include "app/scores/hausdorff.h"

#include <algorithm>
#include <cmath>

#include "app/scores/class_masks.h"

namespace unet {
namespace {

constexpr double kPercent = 95;

/// Percentile of the distances of the pixels of `from` to the nearest of `to`; neither is empty.
double directed_distance(const cv::Mat& from, const cv::Mat& to) {
  const cv::Mat distance = distance_to(to);
  std::vector<float> values;
  for (int y = 0; y < from.rows; ++y)
    for (int x = 0; x < from.cols; ++x)
      if (from.at<uint8_t>(y, x) != 0) values.push_back(distance.at<float>(y, x));
  return percentile(values, kPercent);
}

class Hausdorff : public Metric {
 public:
  explicit Hausdorff(int64_t num_classes)
      : sums_(static_cast<size_t>(num_classes)), images_(sums_.size()), undefined_(sums_.size()) {}

  void add(const PredictedImage& image) override {
    const cv::Mat prediction = without_ignored(image.prediction, image.truth);
    for (size_t c = 0; c < sums_.size(); ++c) {
      const auto label = static_cast<int64_t>(c);
      const cv::Rect window = class_window(image.truth, prediction, label);
      if (window.empty()) continue;
      const cv::Mat true_outline = mask_outline(class_mask(image.truth(window), label));
      const cv::Mat predicted_outline = mask_outline(class_mask(prediction(window), label));
      const bool is_true = cv::countNonZero(true_outline) > 0, is_predicted = cv::countNonZero(predicted_outline) > 0;
      if (is_true != is_predicted) ++undefined_[c];
      if (!is_true || !is_predicted) continue;
      sums_[c] += std::max(directed_distance(predicted_outline, true_outline),
                           directed_distance(true_outline, predicted_outline));
      ++images_[c];
    }
  }

  MetricResult result() const override {
    MetricValues values(sums_.size());
    for (size_t c = 0; c < sums_.size(); ++c)
      if (images_[c] > 0) values[c] = sums_[c] / static_cast<double>(images_[c]);
    return {{values}, undefined_};
  }

 private:
  std::vector<double> sums_;  // by class, as the other two
  std::vector<int64_t> images_, undefined_;
};

}  // namespace

double percentile(std::vector<float>& values, double percent) {
  const double position = percent / 100 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(std::floor(position));
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const double low = values[static_cast<size_t>(below)];
  if (static_cast<size_t>(below) + 1 == values.size()) return low;
  const double high = *std::min_element(values.begin() + below + 1, values.end());
  return low + (high - low) * (position - std::floor(position));
}

std::unique_ptr<Metric> make_hausdorff(int64_t num_classes) { return std::make_unique<Hausdorff>(num_classes); }

}  // namespace unet
