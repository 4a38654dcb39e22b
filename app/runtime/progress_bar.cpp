#include "app/runtime/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>

namespace unet {
namespace {

std::atomic<bool> quiet{false};
std::atomic<bool> bar_is_visible{false};

bool enabled() {
  static const bool terminal = ::isatty(STDERR_FILENO) == 1;
  return terminal && !quiet;
}

size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

ProgressBar::ProgressBar(std::string title) : title_(std::move(title)) {}

ProgressBar::~ProgressBar() { clear(); }

bool ProgressBar::is_shown() { return enabled(); }

void ProgressBar::show(double done, const std::string& note, std::optional<double> seconds_left) {
  if (!enabled()) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!first_) first_ = {now, done};
  if (now - last_drawn_ < std::chrono::milliseconds(100)) return;
  last_drawn_ = now;
  if (!seconds_left) {
    const double elapsed = std::chrono::duration<double>(now - first_->first).count();
    const double gained = done - first_->second;
    if (elapsed > 1 && gained > 0) seconds_left = elapsed / gained * (1 - done);
  }
  std::string line = progress_line(title_, done, note, seconds_left);
  line.resize(std::min(line.size(), terminal_width() - 1));
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  bar_is_visible = true;
}

void ProgressBar::clear() {
  if (bar_is_visible.exchange(false)) std::fputs("\r\033[K", stderr);
}

void ProgressBar::set_quiet(bool value) { quiet = value; }

std::string progress_line(const std::string& title, double done, const std::string& note,
                          std::optional<double> seconds_left) {
  constexpr size_t kCells = 24;
  const double share = std::clamp(done, 0.0, 1.0);
  const auto full = static_cast<size_t>(std::lround(share * kCells));
  char percent[8];
  std::snprintf(percent, sizeof(percent), "%3.0f%%", 100 * share);
  return (seconds_left ? duration_text(*seconds_left) + " left  " : "") + title + " [" + std::string(full, '=') +
         std::string(kCells - full, ' ') + "] " + percent + (note.empty() ? "" : "  " + note);
}

std::string duration_text(double seconds) {
  const auto total = static_cast<long>(std::lround(std::max(0.0, seconds)));
  char text[32];
  if (total >= 3600)
    std::snprintf(text, sizeof(text), "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  else
    std::snprintf(text, sizeof(text), "%ld:%02ld", total / 60, total % 60);
  return text;
}

}  // namespace unet
