#pragma once

#include <array>

#include "app/scores/metric.h"

namespace unet {

/// Expected calibration error of pixels: over 15 bins of equal width of the confidence, the mean of
/// |accuracy - mean confidence| of a bin, weighted by its pixels. In [0,1].
/// Source: Guo et al. 2017, arXiv:1706.04599, section 2.
class CalibrationBins {
 public:
  /// Adds a pixel with the probability of its predicted class, in [0,1].
  void add(double confidence, bool is_correct);

  /// The error; undefined without pixels.
  std::optional<double> error() const;

 private:
  struct Bin {
    int64_t pixels = 0, correct = 0;
    double confidence = 0;  ///< sum over the pixels
  };
  std::array<Bin, 15> bins_{};
};

/// Expected calibration error of all labeled pixels. Needs the probabilities; the confidence is that of the predicted
/// class.
std::unique_ptr<Metric> make_calibration_error(int64_t num_classes);

}  // namespace unet
