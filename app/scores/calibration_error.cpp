#include "app/scores/calibration_error.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

class CalibrationError : public Metric {
 public:
  void add(const PredictedImage& image) override {
    if (image.probabilities.empty()) fail(ErrorKind::internal, "[scores] the calibration error needs probabilities");
    for (int y = 0; y < image.truth.rows; ++y)
      for (int x = 0; x < image.truth.cols; ++x) {
        const uint8_t truth = image.truth.at<uint8_t>(y, x), predicted = image.prediction.at<uint8_t>(y, x);
        if (truth == kIgnoreLabel) continue;
        bins_.add(image.probabilities.at(predicted).at<float>(y, x), truth == predicted);
      }
  }

  MetricResult result() const override { return {{{bins_.error()}}}; }

 private:
  CalibrationBins bins_;
};

}  // namespace

void CalibrationBins::add(double confidence, bool is_correct) {
  const auto count = static_cast<double>(bins_.size());
  const double position = std::min(std::ceil(confidence * count), count);  // a bin excludes its lower limit
  Bin& bin = bins_[position > 0 ? static_cast<size_t>(position) - 1 : 0];
  ++bin.pixels;
  bin.correct += is_correct ? 1 : 0;
  bin.confidence += confidence;
}

std::optional<double> CalibrationBins::error() const {
  int64_t pixels = 0;
  double sum = 0;
  for (const Bin& bin : bins_) {
    pixels += bin.pixels;
    sum += std::abs(static_cast<double>(bin.correct) - bin.confidence);
  }
  if (pixels == 0) return std::nullopt;
  return sum / static_cast<double>(pixels);
}

std::unique_ptr<Metric> make_calibration_error(int64_t /*num_classes*/) { return std::make_unique<CalibrationError>(); }

}  // namespace unet
