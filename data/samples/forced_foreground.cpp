#include "data/samples/forced_foreground.h"

#include <cmath>

#include "configs/schema/ignore_label.h"

namespace unet {
namespace {

std::vector<bool> forced_classes(const std::vector<int64_t>& chosen) {
  std::vector<bool> classes(256, chosen.empty());
  if (chosen.empty()) classes[0] = classes[kIgnoreLabel] = false;
  for (const int64_t label : chosen) classes.at(static_cast<size_t>(label)) = true;
  return classes;
}

}  // namespace

ForcedForeground::ForcedForeground(const DataOptions& data, uint64_t seed, size_t images)
    : share_(data.forced_foreground),
      classes_(forced_classes(data.forced_classes)),
      seed_(seed),
      positions_(share_ > 0 ? images : 0) {}

bool ForcedForeground::is_forced(int64_t epoch, int64_t position) const {
  if (share_ <= 0) return false;
  const double offset = Rng::from(seed_, "forced_foreground", epoch).uniform();
  const auto forced_before = [&](int64_t end) { return std::floor(static_cast<double>(end) * share_ + offset); };
  return forced_before(position + 1) > forced_before(position);
}

std::optional<cv::Point> ForcedForeground::pixel(size_t image, const SampleSource& sample, int64_t epoch,
                                                 int64_t position) const {
  if (!is_forced(epoch, position)) return std::nullopt;
  Rng rng = Rng::from(seed_, "forced_foreground.pixel", epoch, position);
  return positions(image, sample)->draw(rng);
}

std::shared_ptr<const ClassPositions> ForcedForeground::positions(size_t image, const SampleSource& sample) const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (positions_[image]) return positions_[image];
  }
  const uint64_t seed = Rng::from(seed_, "forced_foreground.image", image).bits();
  const auto found = std::make_shared<const ClassPositions>(sample, classes_, seed);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!positions_[image] && bytes_ + found->bytes() <= kMaxBytes) {
    bytes_ += found->bytes();
    positions_[image] = found;
  }
  return found;
}

}  // namespace unet
