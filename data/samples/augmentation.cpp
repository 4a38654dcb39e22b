#include "data/samples/augmentation.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "configs/schema/error.h"
#include "configs/schema/ignore_label.h"
#include "data/samples/many_channels.h"
#include "data/samples/photometric.h"
#include "data/samples/preprocessing.h"

namespace unet {
namespace {

/// Draws the corner of an unrotated crop, uniformly from the positions inside the image that contain the pixel
/// `in_view`, if there is one. Along a side on which the image is smaller than the crop, the crop is centered.
cv::Point crop_origin(cv::Size image, cv::Size crop, std::optional<cv::Point> in_view, Rng& rng) {
  const auto along = [&](int length, int wanted, int cv::Point::*axis) {
    if (length < wanted) return -((wanted - length) / 2);
    const int first = in_view ? std::max(0, (*in_view).*axis - wanted + 1) : 0;
    const int last = in_view ? std::min(length - wanted, (*in_view).*axis) : length - wanted;
    return first + static_cast<int>(rng.below(last - first + 1));
  };
  const int x = along(image.width, crop.width, &cv::Point::x);
  const int y = along(image.height, crop.height, &cv::Point::y);
  return {x, y};
}

cv::Point2d center_of(cv::Size size) { return {(size.width - 1) / 2.0, (size.height - 1) / 2.0}; }

bool is_integer(double value) { return value == std::floor(value); }

/// Returns the source position of the output pixel (0, 0), without its displacement.
cv::Point2d source_origin(const Warp& warp) { return warp.center - warp.linear * center_of(warp.output); }

/// Returns the bounding box of all source positions, before mirroring at the borders.
cv::Rect2d source_bounds(const Warp& warp) {
  const cv::Point2d half = center_of(warp.output);
  cv::Point2d reach(std::abs(warp.linear(0, 0)) * half.x + std::abs(warp.linear(0, 1)) * half.y,
                    std::abs(warp.linear(1, 0)) * half.x + std::abs(warp.linear(1, 1)) * half.y);
  if (!warp.displacement.empty()) {
    double low = 0, high = 0;
    cv::minMaxLoc(warp.displacement.reshape(1), &low, &high);
    const double furthest = std::max(-low, high);
    reach.x += furthest * (std::abs(warp.linear(0, 0)) + std::abs(warp.linear(0, 1)));
    reach.y += furthest * (std::abs(warp.linear(1, 0)) + std::abs(warp.linear(1, 1)));
  }
  return {warp.center - reach, warp.center + reach};
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

/// Returns the part of the source that `warp` reads. OpenCV refuses sources with a side above 32767 pixels, and a small
/// source is faster.
cv::Rect needed_part(const Warp& warp, cv::Size source) {
  const cv::Rect2d bounds = source_bounds(warp);
  const cv::Range columns = needed_along(bounds.x, bounds.x + bounds.width, source.width);
  const cv::Range rows = needed_along(bounds.y, bounds.y + bounds.height, source.height);
  return {columns.start, rows.start, columns.size(), rows.size()};
}

/// Returns the source position of each output pixel, CV_32FC2.
cv::Mat source_positions(const Warp& warp) {
  const cv::Point2d origin = source_origin(warp);
  cv::Mat positions(warp.output, CV_32FC2);
  for (int y = 0; y < warp.output.height; ++y) {
    const auto* moved = warp.displacement.ptr<cv::Point2f>(y);
    auto* row = positions.ptr<cv::Vec2f>(y);
    for (int x = 0; x < warp.output.width; ++x) {
      const cv::Point2d from = origin + warp.linear * (cv::Point2d(x, y) + cv::Point2d(moved[x]));
      row[x] = {static_cast<float>(from.x), static_cast<float>(from.y)};
    }
  }
  return positions;
}

/// Returns the region of the source that equals the output; empty if the warp does more than shift by integer pixels
/// within the source.
cv::Rect plain_crop(const Warp& warp, cv::Size source) {
  const cv::Point2d origin = source_origin(warp);
  const bool is_shift = warp.linear == cv::Matx22d::eye() && warp.displacement.empty();
  if (!is_shift || !is_integer(origin.x) || !is_integer(origin.y)) return {};
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

Sample warp_displaced(const Warp& warp, const Sample& part) {
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

void Augmentation::fields(FieldVisitor& visit) {
  visit("probability", probability, "probability of being applied to a sample; 0: off", in_range(0, 1));
}

AugmentOptions::AugmentOptions() {
  for (const auto& row : geometric_augmentations().rows()) geometric.emplace_back(row.name, row.make());
  for (const auto& row : joint_augmentations().rows()) joint.emplace_back(row.name, row.make());
  for (const auto& row : photometric_augmentations().rows()) photometric.emplace_back(row.name, row.make());
}

void AugmentOptions::fields(FieldVisitor& visit) {
  visit(
      "intensity_unit", intensity_unit,
      "unit of brightness.shift and noise.sigma: the standard deviation of each channel (data.std), or the full range "
      "of the file's values");
  const auto& geometric_rows = geometric_augmentations().rows();
  for (size_t i = 0; i < geometric.size(); ++i)
    visit(geometric[i].first.c_str(), *geometric[i].second, geometric_rows[i].meaning.c_str());
  const auto& joint_rows = joint_augmentations().rows();
  for (size_t i = 0; i < joint.size(); ++i)
    visit(joint[i].first.c_str(), *joint[i].second, joint_rows[i].meaning.c_str());
  const auto& photometric_rows = photometric_augmentations().rows();
  for (size_t i = 0; i < photometric.size(); ++i)
    visit(photometric[i].first.c_str(), *photometric[i].second, photometric_rows[i].meaning.c_str());
}

bool AugmentOptions::weighs_pixels() const {
  return std::any_of(joint.begin(), joint.end(),
                     [](const auto& row) { return row.second->probability > 0 && row.second->weighs_pixels(); });
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
  return warp.displacement.empty() ? warp_linear(within_part, source) : warp_displaced(within_part, source);
}

Sample augment_geometry(const AugmentOptions& options, const SampleSource& sample, cv::Size output, uint64_t seed,
                        int64_t epoch, int64_t position, std::optional<cv::Point> in_view) {
  const auto rng_for = [&](const std::string& name) { return Rng::from(seed, "augment." + name, epoch, position); };
  Rng crop_rng = rng_for("crop");
  Warp warp;
  warp.output = output;
  warp.center = cv::Point2d(crop_origin(sample.size(), output, in_view, crop_rng)) + center_of(output);
  for (const auto& [name, row] : options.geometric) {
    Rng rng = rng_for(name);
    if (rng.chance(row->probability)) row->compose(warp, rng);
  }
  Sample result = apply_warp(warp, sample);
  result.image = Preprocessing::to_float(result.image);
  return result;
}

std::optional<std::string> keep_former_intensity_unit(AugmentOptions& options, const Locations& locations,
                                                      const std::string& section) {
  const auto path = [&](const char* option) { return section + "." + option; };
  const auto is_in_file = [&](const char* row) {
    return locations.has(path(row)) && locations.text(path(row)).rfind("--set ", 0) != 0;
  };
  const bool has_shift = locations.has(path("brightness.shift")), has_sigma = locations.has(path("noise.sigma"));
  const bool is_former = has_shift || has_sigma || is_in_file("brightness") || is_in_file("noise");
  const bool has_unit = locations.has(path("intensity_unit"));
  if (has_unit ? options.intensity_unit == IntensityUnit::deviation : !is_former) return std::nullopt;
  options.intensity_unit = IntensityUnit::full_range;
  for (auto& [name, row] : options.photometric) {
    Options& settings = *row;
    if (auto* brightness = dynamic_cast<Brightness*>(&settings); brightness != nullptr && !has_shift)
      brightness->shift = {-0.2, 0.2};
    if (auto* noise = dynamic_cast<Noise*>(&settings); noise != nullptr && !has_sigma) noise->sigma = {0, 0.05};
  }
  if (has_unit) return std::nullopt;
  const char* given = has_shift                  ? "brightness.shift"
                      : has_sigma                ? "noise.sigma"
                      : is_in_file("brightness") ? "brightness"
                                                 : "noise";
  return concat(locations.text(path(given)), " without ", path("intensity_unit"),
                ": amounts are taken as shares of the full range of the file's values, as before that option existed. ",
                "To keep that: --set ", path("intensity_unit"),
                "=full_range. For amounts that suit every data set: --set ", path("intensity_unit"),
                "=deviation and amounts about 5 times as large");
}

std::optional<std::string> intensity_warning(const AugmentOptions& options, const DataOptions& data) {
  if (options.intensity_unit != IntensityUnit::full_range) return std::nullopt;
  for (const auto& [name, row] : options.photometric) {
    const Options& settings = *row;
    const auto* brightness = dynamic_cast<const Brightness*>(&settings);
    if (brightness != nullptr && brightness->probability > 0)
      return excess_text(data, std::max(std::abs(brightness->shift.low), std::abs(brightness->shift.high)));
  }
  return std::nullopt;
}

Sample augment(const AugmentOptions& options, const SampleSource& sample, cv::Size output, uint64_t seed, int64_t epoch,
               int64_t position, const OtherSamples& others, const IntensityScale& scale,
               std::optional<cv::Point> in_view) {
  const auto rng_for = [&](const std::string& name) { return Rng::from(seed, "augment." + name, epoch, position); };
  Sample result = augment_geometry(options, sample, output, seed, epoch, position, in_view);
  for (const auto& [name, row] : options.joint) {
    Rng rng = rng_for(name);
    if (rng.chance(row->probability)) row->apply(result, others, rng);
  }
  for (const auto& [name, row] : options.photometric) {
    Rng rng = rng_for(name);
    if (rng.chance(row->probability)) row->apply(result.image, scale, rng);
  }
  if (scale.is_plain()) {
    cv::Mat values = result.image.reshape(1);
    cv::min(cv::max(values, 0.0), 1.0, values);
  } else {
    clip_channels(result.image, scale.low, scale.high);
  }
  return result;
}

}  // namespace unet
