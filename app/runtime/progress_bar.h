#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace unet {

/// Progress bar in one line of stderr, redrawn in place. Prints nothing if stderr is not a terminal or output is quiet.
/// Log lines appear above it (see logging.h).
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Shows progress `done` in [0,1], at most ten times a second, after the time that is left: `seconds_left`, or by
  /// default an estimate from the progress so far. Can be called from any thread.
  void show(double done, const std::string& note = "", std::optional<double> seconds_left = std::nullopt);

  /// Whether progress is shown at all.
  static bool is_shown();

  /// Removes the bar from the terminal until the next `show`.
  static void clear();

  /// Turns all bars off or on.
  static void set_quiet(bool quiet);

 private:
  std::string title_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_drawn_;
  std::optional<std::pair<std::chrono::steady_clock::time_point, double>> first_;  // time and `done` of the first show
};

/// Line of a progress bar: the time left comes first, so that a narrow terminal does not cut it off.
std::string progress_line(const std::string& title, double done, const std::string& note,
                          std::optional<double> seconds_left);

/// Formats a duration: "1:05:09", "4:07".
std::string duration_text(double seconds);

}  // namespace unet
