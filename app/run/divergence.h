#pragma once

#include <cstdint>
#include <optional>

namespace unet {

/// Watches the loss for a training that goes wrong without ever being infinite.
class Divergence {
 public:
  struct Found {
    double loss_now = 0;  ///< smoothed
    double loss = 0;      ///< the lowest it was, smoothed
    int64_t step = 0;     ///< then
  };

  /// After each step with its loss. Found once: when the smoothed loss has been more than twice its lowest for
  /// 50 steps.
  std::optional<Found> seen(int64_t step, double loss);

 private:
  int64_t count_ = 0;
  int64_t steps_above_ = 0;
  double smoothed_ = 0;
  Found lowest_;
};

}  // namespace unet
