#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "configs/schema/per_axis.h"

namespace unet {

/// Channels, height and width of a value, for one image.
struct ImageShape {
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;

  int64_t values() const { return channels * height * width; }
};

/// Returns a / b, rounded down also if `a` is negative.
int64_t floor_divide(int64_t a, int64_t b);

/// Receptive fields of all values along one side of an infinite image: the first and the last pixel that each depends
/// on. They repeat after `period` pixels, so one period of values describes all.
class Reach {
 public:
  /// Each pixel depends on itself.
  static Reach pixels(int64_t period);

  /// One value that depends on the whole image.
  static Reach whole_image(int64_t period);

  /// `count` values in a period; value i depends on values first(i) to last(i) of this.
  template <class First, class Last>
  Reach through(int64_t count, const First& first, const Last& last) const {
    Reach reach(period_, count, [&](int64_t i) { return std::pair(pixel(first_, first(i)), pixel(last_, last(i))); });
    reach.is_whole_image_ = is_whole_image_;
    return reach;
  }

  /// Each value depends on `taps` neighboring values of this. Windows are `stride` values apart; the first begins
  /// `before` values before value 0.
  Reach through_window(int64_t taps, int64_t stride, int64_t before) const;

  /// The same values, moved by `offset`.
  Reach shifted(int64_t offset) const;

  /// Each value depends on the same value of this and of `other`.
  Reach joined_with(const Reach& other) const;

  /// Number of values in a period.
  int64_t count() const { return static_cast<int64_t>(first_.size()); }

  /// Width in pixels of the largest receptive field, for an image of `image` pixels.
  int64_t size(int64_t image) const;

 private:
  template <class Bounds>
  Reach(int64_t period, int64_t count, const Bounds& bounds) : period_(period) {
    for (int64_t i = 0; i < (count > 1 ? count : 1); ++i) {
      const auto [first, last] = bounds(i);
      first_.push_back(first);
      last_.push_back(last);
    }
  }

  int64_t pixel(const std::vector<int64_t>& pixels, int64_t i) const;

  int64_t period_;
  bool is_whole_image_ = false;
  std::vector<int64_t> first_, last_;  ///< by value
};

/// Shape, receptive field and multiply-adds of a node, derived from its inputs.
struct Trace {
  ImageShape shape;
  std::array<Reach, 2> reach;  ///< by axis
  int64_t multiply_adds = 0;
};

/// Traces of the inputs of a node, with helpers that derive the trace of the node.
class TraceInputs {
 public:
  /// `channels` are those of the node's output.
  TraceInputs(int64_t channels, std::vector<Trace> inputs, const ImageShape& image, const PerAxis& period)
      : channels_(channels), inputs_(std::move(inputs)), image_(image), period_(period) {}

  const ImageShape& image() const { return image_; }
  const PerAxis& period() const { return period_; }
  const ImageShape& shape(size_t input) const { return inputs_.at(input).shape; }
  int64_t size(size_t input, size_t axis) const { return axis == 0 ? shape(input).height : shape(input).width; }
  const Reach& reach(size_t input, size_t axis) const { return inputs_.at(input).reach[axis]; }

  /// `axis_trace(axis)` returns the size and the Reach along an axis.
  template <class AxisTrace>
  Trace by_axis(const AxisTrace& axis_trace) const {
    const auto vertical = axis_trace(size_t{0}), horizontal = axis_trace(size_t{1});
    return {{channels_, vertical.first, horizontal.first}, {vertical.second, horizontal.second}};
  }

  /// Returns the trace of an operation that works on each value of the first input alone.
  Trace pointwise() const;

  /// Returns the trace of an operation that joins the same pixels of all inputs.
  Trace joined() const;

 private:
  int64_t channels_;
  std::vector<Trace> inputs_;
  ImageShape image_;
  PerAxis period_;
};

}  // namespace unet
