#pragma once

#include <cstdint>
#include <optional>

namespace unet {

/// Estimates how long a training will still take, and says when a log should show it.
class TimeLeft {
 public:
  void stepped(double seconds);
  void validated(double seconds) { validation_seconds_ = seconds; }

  /// Seconds until the last of `total_steps`, with a validation every `steps_between_validations`. nullopt before the
  /// second step of this process: the first is slow.
  std::optional<double> seconds_left(int64_t step, int64_t total_steps, int64_t steps_between_validations) const;

  /// Whether a line is due at this time of the run: after ten steps of this process, then after one minute, two, four,
  /// and so on up to every ten minutes.
  bool is_due(double run_seconds);

 private:
  int64_t steps_ = 0;
  double seconds_per_step_ = 0;  // smoothed
  double validation_seconds_ = 0;
  bool was_shown_ = false;
  double shown_ = 0;
  double interval_ = 60;
};

}  // namespace unet
