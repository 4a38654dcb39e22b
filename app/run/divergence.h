#pragma once

#include <cstdint>
#include <optional>

namespace unet {

/// Detects divergence: a loss that stays far above its minimum but is finite.
class Divergence {
 public:
  struct Report {
    double loss_now = 0;  ///< current smoothed loss
    double loss = 0;      ///< lowest smoothed loss
    int64_t step = 0;     ///< step of that loss
  };

  /// Takes the loss of each step. Reports once, when the smoothed loss has been more than twice its minimum for 50
  /// steps.
  std::optional<Report> observe(int64_t step, double loss);

 private:
  int64_t count_ = 0;
  int64_t steps_above_ = 0;
  double smoothed_ = 0;
  Report lowest_;
};

}  // namespace unet
