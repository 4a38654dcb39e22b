#include "models/graph/operations/trace.h"

#include <algorithm>

namespace unet {

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Reach Reach::pixels(int64_t period) {
  return Reach(period, period, [](int64_t i) { return std::pair(i, i); });
}

Reach Reach::whole_image(int64_t period) {
  Reach all(period, 1, [](int64_t i) { return std::pair(i, i); });
  all.is_whole_image_ = true;
  return all;
}

Reach Reach::through_window(int64_t taps, int64_t stride, int64_t before) const {
  return through(
      count() / stride, [&](int64_t i) { return i * stride - before; },
      [&](int64_t i) { return i * stride - before + taps - 1; });
}

Reach Reach::shifted(int64_t offset) const {
  const auto moved = [&](int64_t i) { return i + offset; };
  return through(count(), moved, moved);
}

Reach Reach::joined_with(const Reach& other) const {
  if (is_whole_image_ || other.is_whole_image_) return whole_image(period_);
  return Reach(period_, count(), [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    return std::pair(std::min(first_[at], other.first_[at]), std::max(last_[at], other.last_[at]));
  });
}

int64_t Reach::size(int64_t image) const {
  if (is_whole_image_) return image;
  int64_t largest = 0;
  for (size_t i = 0; i < first_.size(); ++i) largest = std::max(largest, last_[i] - first_[i] + 1);
  return largest;
}

int64_t Reach::pixel(const std::vector<int64_t>& pixels, int64_t i) const {
  const int64_t periods = floor_divide(i, count());
  return pixels[static_cast<size_t>(i - periods * count())] + periods * period_;
}

Trace TraceInputs::pointwise() const { return {{channels_, size(0, 0), size(0, 1)}, inputs_.at(0).reach}; }

Trace TraceInputs::joined() const {
  Trace out = pointwise();
  for (const Trace& input : inputs_)
    for (size_t axis = 0; axis < 2; ++axis) out.reach[axis] = out.reach[axis].joined_with(input.reach[axis]);
  return out;
}

}  // namespace unet
