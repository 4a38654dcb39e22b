#include "data/samples/warp.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "configs/schema/ignore_label.h"
#include "data/samples/many_channels.h"

namespace unet {
namespace {

bool is_integral(double value) { return value == std::floor(value); }

bool has_perspective(const Warp& warp) { return warp.perspective != cv::Vec2d(0, 0); }

bool is_affine(const Warp& warp) { return warp.displacement.empty() && !has_perspective(warp); }

/// Returns the source position of the output pixel (0, 0) of a warp without perspective and displacement.
cv::Point2d source_origin(const Warp& warp) { return warp.center - warp.linear * center_of(warp.output); }

/// Applies the perspective alone to a position in the output.
cv::Point2d projected(const Warp& warp, const cv::Point2d& position) {
  if (!has_perspective(warp)) return position;
  const cv::Point2d center = center_of(warp.output), q = position - center;
  return center + q / (1 + warp.perspective[0] * q.x + warp.perspective[1] * q.y);
}

/// A box by its middle and its half sides.
struct Box {
  cv::Point2d middle, half;
};

/// Returns the bounding box of the projected output pixels, relative to the output center. A projection maps the
/// rectangle to a convex quadrilateral, so its corners have the extremes.
Box projected_bounds(const Warp& warp) {
  const cv::Point2d center = center_of(warp.output);
  if (!has_perspective(warp)) return {{0, 0}, center};
  cv::Point2d low(HUGE_VAL, HUGE_VAL), high = -low;
  for (const double x : {0.0, warp.output.width - 1.0})
    for (const double y : {0.0, warp.output.height - 1.0}) {
      const cv::Point2d corner = projected(warp, {x, y}) - center;
      low = {std::min(low.x, corner.x), std::min(low.y, corner.y)};
      high = {std::max(high.x, corner.x), std::max(high.y, corner.y)};
    }
  return {(low + high) / 2, (high - low) / 2};
}

/// Returns the bounding box of all source positions, before mirroring at the borders.
cv::Rect2d source_bounds(const Warp& warp) {
  const Box bounds = projected_bounds(warp);
  const cv::Point2d& half = bounds.half;
  cv::Point2d reach(std::abs(warp.linear(0, 0)) * half.x + std::abs(warp.linear(0, 1)) * half.y,
                    std::abs(warp.linear(1, 0)) * half.x + std::abs(warp.linear(1, 1)) * half.y);
  if (!warp.displacement.empty()) {
    double low = 0, high = 0;
    cv::minMaxLoc(warp.displacement.reshape(1), &low, &high);
    const double furthest = std::max(-low, high);
    reach.x += furthest * (std::abs(warp.linear(0, 0)) + std::abs(warp.linear(0, 1)));
    reach.y += furthest * (std::abs(warp.linear(1, 0)) + std::abs(warp.linear(1, 1)));
  }
  const cv::Point2d middle = warp.center + warp.linear * bounds.middle;
  return {middle - reach, middle + reach};
}

/// Returns the part of 0..length-1 that positions from `low` to `high` read, mirrored at the ends.
cv::Range needed_along(double low, double high, int length) {
  const double margin = 2;  // for interpolation and OpenCV's rounding of coordinates
  const double last = length - 1;
  low = std::floor(low - margin);
  high = std::ceil(high + margin);
  const double begin = high > last ? std::min(low, 2 * last - high) : low;
  const double end = low < 0 ? std::max(high, -low) : high;
  return {static_cast<int>(std::clamp(begin, 0.0, last)), static_cast<int>(std::clamp(end, 0.0, last)) + 1};
}

/// Returns the region of the source that equals the output; empty if the warp does more than shift by integer pixels
/// within the source.
cv::Rect plain_crop(const Warp& warp, cv::Size source) {
  const cv::Point2d origin = source_origin(warp);
  const bool is_shift = warp.linear == cv::Matx22d::eye() && is_affine(warp);
  if (!is_shift || !is_integral(origin.x) || !is_integral(origin.y)) return {};
  const cv::Rect region(cv::Point(cvRound(origin.x), cvRound(origin.y)), warp.output);
  return (region & cv::Rect({}, source)) == region ? region : cv::Rect();
}

Sample warp_linear(const Warp& warp, const Sample& part) {
  const cv::Point2d origin = source_origin(warp);
  const cv::Matx23d matrix(warp.linear(0, 0), warp.linear(0, 1), origin.x, warp.linear(1, 0), warp.linear(1, 1),
                           origin.y);
  Sample result;
  result.image = by_channel_groups(part.image, [&](const cv::Mat& group) {
    cv::Mat warped;
    cv::warpAffine(group, warped, matrix, warp.output, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REFLECT_101);
    return warped;
  });
  cv::warpAffine(part.mask, result.mask, matrix, warp.output, cv::INTER_NEAREST | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT, cv::Scalar(kIgnoreLabel));
  return result;
}

Sample warp_by_positions(const Warp& warp, const Sample& part) {
  const cv::Mat positions = source_positions(warp);
  Sample result;
  result.image = by_channel_groups(part.image, [&](const cv::Mat& group) {
    cv::Mat warped;
    cv::remap(group, warped, positions, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
    return warped;
  });
  cv::remap(part.mask, result.mask, positions, cv::noArray(), cv::INTER_NEAREST, cv::BORDER_CONSTANT,
            cv::Scalar(kIgnoreLabel));
  return result;
}

}  // namespace

void compose_projective(Warp& warp, const cv::Matx33d& step) {
  // (A q + b) / (1 + v.q) = b + (A - b v^T) q / (1 + v.q)
  const cv::Matx33d m = step * (1 / step(2, 2));
  const cv::Vec2d shift(m(0, 2), m(1, 2)), perspective(m(2, 0), m(2, 1));
  const cv::Matx22d linear(m(0, 0), m(0, 1), m(1, 0), m(1, 1));
  warp.center += warp.linear * cv::Point2d(shift);
  warp.linear = warp.linear * (linear - shift * perspective.t());
  warp.perspective = perspective;
}

void add_displacement(Warp& warp, const cv::Mat& field) {
  if (warp.displacement.empty())
    warp.displacement = field;
  else
    warp.displacement = warp.displacement + field;
}

cv::Mat source_positions(const Warp& warp) {
  const cv::Point2d origin = source_origin(warp);
  cv::Mat positions(warp.output, CV_32FC2);
  for (int y = 0; y < warp.output.height; ++y) {
    const auto* moved = warp.displacement.empty() ? nullptr : warp.displacement.ptr<cv::Point2f>(y);
    auto* row = positions.ptr<cv::Vec2f>(y);
    for (int x = 0; x < warp.output.width; ++x) {
      cv::Point2d at = projected(warp, cv::Point2d(x, y));
      if (moved != nullptr) at += cv::Point2d(moved[x]);
      const cv::Point2d from = origin + warp.linear * at;
      row[x] = {static_cast<float>(from.x), static_cast<float>(from.y)};
    }
  }
  return positions;
}

/// OpenCV refuses sources with a side above 32767 pixels, and a small source is faster.
cv::Rect needed_part(const Warp& warp, cv::Size source) {
  const cv::Rect2d bounds = source_bounds(warp);
  const cv::Range columns = needed_along(bounds.x, bounds.x + bounds.width, source.width);
  const cv::Range rows = needed_along(bounds.y, bounds.y + bounds.height, source.height);
  return {columns.start, rows.start, columns.size(), rows.size()};
}

Sample apply_warp(const Warp& warp, const SampleSource& sample) {
  const cv::Rect crop = plain_crop(warp, sample.size());
  if (!crop.empty()) {
    const Sample stored = sample.region(crop);
    return {stored.image.clone(), stored.mask.clone()};
  }
  const cv::Rect part = needed_part(warp, sample.size());
  Warp within_part = warp;
  within_part.center -= cv::Point2d(part.tl());
  const Sample source = sample.region(part);
  return is_affine(warp) ? warp_linear(within_part, source) : warp_by_positions(within_part, source);
}

}  // namespace unet
