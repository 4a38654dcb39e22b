#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace unet {

/// One line on stderr that is drawn over itself; nothing when stderr is no terminal or output is quiet.
/// Log lines of spdlog go above it (see logging.h).
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `done` in [0,1]; drawn at most ten times a second. From any thread.
  void show(double done, const std::string& note = "");

  /// Takes the bar of this program off the terminal until it is shown again.
  static void clear();

  /// Switches all bars off.
  static void set_quiet(bool quiet);

 private:
  std::string title_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point drawn_;
};

/// "1:05:09", "4:07".
std::string duration_text(double seconds);

}  // namespace unet
