#include "app/training/time_plan.h"

#include <algorithm>
#include <array>

namespace unet {
namespace {

constexpr int64_t kSlowSteps = 2;      // steps in which LibTorch chooses and prepares its kernels
constexpr int64_t kStepsMeasured = 5;  // measured steps before the first plan
constexpr double kMinWeight = 0.02;    // weight of a new step in the mean
constexpr int64_t kMaxSteps = 1'000'000'000;
constexpr std::array<double, 5> kShares{0.25, 0.5, 0.75, 0.9, 0.97};

}  // namespace

void Pace::stepped(double seconds) {
  if (slow_steps_ < kSlowSteps) {
    ++slow_steps_;
    return;
  }
  const double weight = std::max(1 / static_cast<double>(++steps_), kMinWeight);
  step_seconds_ += weight * (seconds - step_seconds_);
}

void Pace::validated(double seconds) {
  has_validated_ = true;
  validation_seconds_ = seconds;
}

TimePlan::TimePlan(double budget_seconds, int64_t validate_every)
    : budget_(budget_seconds), validate_every_(validate_every) {}

int64_t TimePlan::plans_due(int64_t made, double elapsed_seconds, double steps_share, const Pace& pace) const {
  if (pace.steps() < kStepsMeasured) return made;
  int64_t due = pace.has_validated() ? 2 : 1;
  const double share = std::max(elapsed_seconds / budget_, made == 0 ? 0 : steps_share);
  for (size_t i = 0; i < kShares.size(); ++i)
    if (share >= kShares[i]) due = 3 + static_cast<int64_t>(i);
  return std::max(made, due);
}

int64_t TimePlan::total_steps(int64_t step, double elapsed_seconds, const Pace& pace) const {
  const double left = budget_ - elapsed_seconds;
  int64_t fits = step, too_many = kMaxSteps;
  while (too_many - fits > 1) {
    const int64_t middle = fits + (too_many - fits) / 2;
    (seconds_for(step, middle, pace) <= left ? fits : too_many) = middle;
  }
  return fits;
}

/// Time from `step`, whose validation may still be due, to the end of the last validation.
double TimePlan::seconds_for(int64_t step, int64_t total, const Pace& pace) const {
  const int64_t validations = (total - 1) / validate_every_ - (step - 1) / validate_every_;
  return static_cast<double>(total - step) * pace.step_seconds() +
         static_cast<double>(validations + 1) * pace.validation_seconds();
}

}  // namespace unet
