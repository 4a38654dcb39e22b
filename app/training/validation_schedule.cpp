#include "app/training/validation_schedule.h"

#include <algorithm>
#include <cmath>

namespace unet {
namespace {

constexpr int64_t kNoDistance = 1'000'000'000;
constexpr int64_t kMostValidations = 20;      // in a training whose validation_share allows more
constexpr int64_t kEnoughValidations = 10;    // of all images: then no subset is needed
constexpr int64_t kFewestValidations = 3;     // before fewer images are taken
constexpr int64_t kFewImages = 16;            // per validation, before there are fewer validations
constexpr double kComparisonShare = 2.0 / 3;  // of the time for validations, at most
constexpr int64_t kCandidates = 2;            // the best checkpoint and the last one

/// Number of times that `seconds` fits.
int64_t times_in(double available, double seconds) {
  return static_cast<int64_t>(std::clamp(available / std::max(seconds, 1e-9), 0.0, static_cast<double>(kNoDistance)));
}

}  // namespace

ValidationSchedule::ValidationSchedule(const TrainOptions& options, int64_t steps_per_epoch, int64_t images)
    : options_(options), steps_per_epoch_(steps_per_epoch), all_(images) {}

int64_t ValidationSchedule::every() const {
  if (options_.validate_every_steps) return *options_.validate_every_steps;
  if (options_.validation_share > 0) return state_.every > 0 ? state_.every : kNoDistance;
  return steps_per_epoch_;
}

bool ValidationSchedule::is_periodic(int64_t step, int64_t step_in_epoch) const {
  if (state_.last_periodic_step >= 0 && step > state_.last_periodic_step) return false;
  const bool by_epoch = !options_.validate_every_steps && options_.validation_share == 0;
  return by_epoch ? step_in_epoch == 0 : step % every() == 0;
}

int64_t ValidationSchedule::images() const {
  return std::min(all_, options_.validate_images.value_or(state_.images > 0 ? state_.images : all_));
}

int64_t ValidationSchedule::compared_images() const {
  return state_.compared_images > 0 ? std::clamp(state_.compared_images, images(), all_) : all_;
}

double ValidationSchedule::comparison_seconds(const Pace& pace) const {
  return compares() ? pace.validation_seconds(kCandidates * compared_images()) : 0;
}

ValidationTimes ValidationSchedule::times(const Pace& pace) const {
  return {every(), pace.validation_seconds(images()), comparison_seconds(pace)};
}

void ValidationSchedule::choose(double budget_seconds, int64_t step, double elapsed_seconds, const Pace& pace) {
  if (options_.validation_share == 0 || all_ == 0) return;
  const double allowed = options_.validation_share * budget_seconds;
  if (state_.images == 0) choose_images(allowed, pace);
  const int64_t total_steps = step + times_in(budget_seconds - allowed - elapsed_seconds, pace.step_seconds());
  // One of them follows the last step and needs no distance of its own.
  const int64_t count =
      std::min(times_in(allowed - comparison_seconds(pace), pace.validation_seconds(images())), kMostValidations);
  const int64_t every = count > 1 ? std::max<int64_t>(1, (total_steps + count - 1) / count) : kNoDistance;
  // A distance that is about right stays, so that the validations stay evenly spread.
  const bool is_about_right = every <= state_.every && 3 * every > 2 * state_.every;
  if (!is_about_right) state_.every = every;
}

/// Prefers validations on all images. Otherwise leaves time to compare on as many as possible, then wants many
/// validations of a few images.
void ValidationSchedule::choose_images(double allowed, const Pace& pace) {
  const double image = pace.image_seconds(), others = pace.validation_seconds(0);
  const int64_t wanted = std::min(all_, options_.validate_images.value_or(all_));
  if (times_in(allowed, pace.validation_seconds(all_)) >= kEnoughValidations) {
    state_.images = state_.compared_images = all_;
    return;
  }
  const int64_t compared =
      std::min(all_, times_in(kComparisonShare * allowed - others, static_cast<double>(kCandidates) * image));
  const double left = allowed - others - static_cast<double>(kCandidates * compared) * image;
  const auto images_of = [&](int64_t count) { return times_in(left / static_cast<double>(count) - others, image); };
  int64_t count = kMostValidations;
  while (count > kFewestValidations && images_of(count) < std::min(wanted, kFewImages)) --count;
  state_.images = std::clamp<int64_t>(images_of(count), 1, wanted);
  state_.compared_images = std::max({compared, state_.images, std::min(all_, options_.validate_images.value_or(1))});
}

void ValidationSchedule::end_periodic_after(int64_t step, int64_t total_steps) {
  const bool is_chosen = !options_.validate_every_steps && options_.validation_share > 0;
  state_.last_periodic_step = is_chosen ? std::min(step, total_steps - every() / 2) : step;
}

void ValidationSchedule::compared(int64_t step, double score) {
  state_.compared_step = step;
  state_.compared_score = score;
}

std::vector<SampleRef> spread_over_names(const std::vector<SampleRef>& samples, int64_t count) {
  const auto total = static_cast<int64_t>(samples.size());
  if (count >= total) return samples;
  std::vector<SampleRef> sorted = samples;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::vector<SampleRef> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(sorted[static_cast<size_t>((2 * i + 1) * total / (2 * count))]);
  return chosen;
}

}  // namespace unet
