#include "data/samples/augmentation.h"

#include <algorithm>
#include <cmath>

#include "configs/schema/error.h"
#include "data/samples/many_channels.h"
#include "data/samples/noise.h"
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
      "preset", preset,
      "values of the options below that the config does not give itself; custom: their defaults. config.yaml of a run "
      "lists the values, as custom");
  visit("intensity_unit", intensity_unit,
        "unit of brightness.shift, noise.sigma and poisson_noise.sigma: the standard deviation of each channel of the "
        "data set (data.std) or, per image, of the crop, or the full range of the file's values");
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

Sample augment_geometry(const AugmentOptions& options, const SampleSource& sample, cv::Size output, uint64_t seed,
                        int64_t epoch, int64_t position, std::optional<cv::Point> in_view) {
  const auto rng_for = [&](const std::string& name) { return Rng::from(seed, "augment." + name, epoch, position); };
  Rng crop_rng = rng_for("crop");
  Warp warp;
  warp.output = output;
  warp.source = sample.size();
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
  const bool has_photon_sigma = locations.has(path("poisson_noise.sigma"));
  const bool is_former = has_shift || has_sigma || is_in_file("brightness") || is_in_file("noise");
  const bool has_unit = locations.has(path("intensity_unit"));
  if (has_unit ? options.intensity_unit != IntensityUnit::full_range : !is_former) return std::nullopt;
  options.intensity_unit = IntensityUnit::full_range;
  for (auto& [name, row] : options.photometric) {
    Options& settings = *row;
    if (auto* brightness = dynamic_cast<Brightness*>(&settings); brightness != nullptr && !has_shift)
      brightness->shift = {-0.2, 0.2};
    if (auto* noise = dynamic_cast<Noise*>(&settings); noise != nullptr && !has_sigma) noise->sigma = {0, 0.05};
    if (auto* noise = dynamic_cast<PoissonNoise*>(&settings); noise != nullptr && !has_photon_sigma)
      noise->sigma = {0.01, 0.05};
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

std::vector<std::string> applied_rows(const AugmentOptions& options, uint64_t seed, int64_t epoch, int64_t position) {
  std::vector<std::string> names;
  const auto add = [&](const auto& rows) {
    for (const auto& [name, row] : rows)
      if (Rng::from(seed, "augment." + name, epoch, position).chance(row->probability)) names.push_back(name);
  };
  add(options.geometric);
  add(options.joint);
  add(options.photometric);
  return names;
}

Sample augment(const AugmentOptions& options, const SampleSource& sample, cv::Size output, uint64_t seed, int64_t epoch,
               int64_t position, const OtherSamples& others, const IntensityScale& data_scale,
               std::optional<cv::Point> in_view) {
  const auto rng_for = [&](const std::string& name) { return Rng::from(seed, "augment." + name, epoch, position); };
  Sample result = augment_geometry(options, sample, output, seed, epoch, position, in_view);
  const bool is_per_crop = options.intensity_unit == IntensityUnit::per_image && sample.statistics().empty();
  const IntensityScale scale = is_per_crop ? scale_of_crop(data_scale, result.image) : data_scale;
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
