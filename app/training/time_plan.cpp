#include "app/training/time_plan.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unet {
namespace {

constexpr int64_t kSlowSteps = 2;      // steps in which LibTorch chooses and prepares its kernels
constexpr int64_t kStepsMeasured = 5;  // measured steps before the first plan
constexpr double kFirstShare = 0.1;    // share of the time after which the first plan does not wait for them
constexpr double kMinWeight = 0.1;     // weight of a new step in the mean
constexpr double kMaxSlowdown = 2;     // a slower step counts as one that is slower than the mean by this
constexpr int64_t kMaxSteps = 1'000'000'000;
constexpr std::array<double, 8> kShares{0.25, 0.5, 0.75, 0.85, 0.9, 0.94, 0.97, 0.985};

/// Periodic validations from the one due at `step` to that before `total`.
int64_t periodic_validations(int64_t step, int64_t total, int64_t every) {
  return (total - 1) / every - (step - 1) / every;
}

}  // namespace

void Pace::stepped(double seconds) {
  if (slow_steps_ < kSlowSteps) {
    ++slow_steps_;
    step_seconds_ = seconds;
    return;
  }
  if (steps_++ == 0) {  // the slow steps no longer count
    step_seconds_ = seconds;
    return;
  }
  const double weight = std::max(1 / static_cast<double>(steps_), kMinWeight);
  step_seconds_ += weight * (std::min(seconds, kMaxSlowdown * step_seconds_) - step_seconds_);
}

bool Pace::is_known() const { return steps_ >= kStepsMeasured; }

void Pace::validated(double image_seconds, double other_seconds, int64_t images) {
  has_validated_ = true;
  image_seconds_ = image_seconds / static_cast<double>(std::max<int64_t>(1, images));
  other_seconds_ = other_seconds;
  step_seconds_then_ = steps_ > 0 ? step_seconds_ : 0;
}

double Pace::validation_seconds(int64_t images) const {
  return slowdown() * (other_seconds_ + image_seconds_ * static_cast<double>(images));
}

double Pace::slowdown() const {
  constexpr double kMost = 3;
  return step_seconds_then_ > 0 ? std::clamp(step_seconds_ / step_seconds_then_, 1 / kMost, kMost) : 1;
}

int64_t TimePlan::plans_due(int64_t made, double elapsed_seconds, double steps_share, const Pace& pace,
                            double reserved_seconds) const {
  if (made == 0 && !pace.is_known()) return pace.has_stepped() && elapsed_seconds >= kFirstShare * budget_ ? 1 : 0;
  if (pace.steps() == 0) return made;
  int64_t due = pace.has_validated() ? 2 : 1;
  const double for_steps = std::max(budget_ - reserved_seconds, 0.5 * budget_);
  const double share = std::max(elapsed_seconds / for_steps, made == 0 ? 0 : steps_share);
  for (size_t i = 0; i < kShares.size(); ++i)
    if (share >= kShares[i]) due = 3 + static_cast<int64_t>(i);
  const bool is_over = elapsed_seconds + reserved_seconds + pace.step_seconds() > budget_;
  return std::max(made + (is_over ? 1 : 0), due);
}

PlannedLength TimePlan::length(int64_t step, double elapsed_seconds, const Pace& pace,
                               const ValidationTimes& times) const {
  const double step_seconds = std::max(pace.step_seconds(), 1e-9);
  const double left = budget_ - elapsed_seconds - times.each_seconds - times.ending_seconds;
  const auto steps_beside = [&](int64_t validations) {
    const double seconds = left - static_cast<double>(validations) * times.each_seconds;
    return static_cast<int64_t>(std::clamp(std::floor(seconds / step_seconds), 0.0, static_cast<double>(kMaxSteps)));
  };
  int64_t fits = step, too_many = kMaxSteps;
  while (too_many - fits > 1) {
    const int64_t middle = fits + (too_many - fits) / 2;
    const bool is_possible = middle - step <= steps_beside(periodic_validations(step, middle, times.every));
    (is_possible ? fits : too_many) = middle;
  }
  const int64_t validations = periodic_validations(step, fits, times.every);
  return {std::max(fits, step + steps_beside(validations)), ((step - 1) / times.every + validations) * times.every};
}

}  // namespace unet
