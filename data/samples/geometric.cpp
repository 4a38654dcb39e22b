#include "data/samples/geometric.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/samples/deformation.h"

namespace unet {
namespace {

/// Where a region lies along one side.
struct Span {
  double center;  ///< in the source, pixels
  double factor;  ///< length in crops
};

/// Moves a region of `factor` crops at random within the crop at `center`, or around it if it is larger, and then into
/// the source.
Span placed_region(double center, int crop, int source, double factor, Rng& rng) {
  factor = std::min(factor, std::max(1.0, static_cast<double>(source) / crop));
  const double slack = std::abs(1 - factor) * crop / 2, half = (factor * crop - 1) / 2;
  const double moved = center + rng.uniform(-slack, slack);
  const double lowest = half, highest = source - 1 - half;
  return {lowest <= highest ? std::clamp(moved, lowest, highest) : center, factor};
}

double log_uniform(const Range& range, Rng& rng) {
  return std::exp(rng.uniform(std::log(range.low), std::log(range.high)));
}

}  // namespace

const Registry<GeometricAugmentation>& geometric_augmentations() {
  static const Registry<GeometricAugmentation> table{
      "geometric augmentation",
      {{"random_resized_crop", "region of random area and aspect ratio, resized to the crop",
        make_row<GeometricAugmentation, RandomResizedCrop>},
       {"horizontal_flip", "mirror left and right", make_row<GeometricAugmentation, HorizontalFlip>},
       {"vertical_flip", "mirror top and bottom", make_row<GeometricAugmentation, VerticalFlip>},
       {"quarter_turns", "rotation by 0, 90, 180 or 270 degrees, equally likely",
        make_row<GeometricAugmentation, QuarterTurns>},
       {"rotation", "rotation about the center of the crop", make_row<GeometricAugmentation, Rotation>},
       {"scale", "zoom in or out", make_row<GeometricAugmentation, Scale>},
       {"shear", "shear along x and along y", make_row<GeometricAugmentation, Shear>},
       {"translation", "shift within the image", make_row<GeometricAugmentation, Translation>},
       {"perspective", "random move of each corner, a homography", make_row<GeometricAugmentation, Perspective>},
       {"elastic", "elastic deformation, as in the U-Net paper", make_row<GeometricAugmentation, Elastic>},
       {"dense_elastic", "elastic deformation by a smoothed random field, as in Simard et al. 2003",
        make_row<GeometricAugmentation, DenseElastic>},
       {"grid_distortion", "stretch and squeeze the rows and columns of a grid",
        make_row<GeometricAugmentation, GridDistortion>}}};
  return table;
}

void RandomResizedCrop::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("area", area, "area of the region as a fraction of the crop's (data.size), uniform in this range",
        in_range(0.01, 16));
  visit("ratio", ratio, "aspect ratio of the region relative to the crop's, log-uniform in this range",
        in_range(0.1, 10));
}

void RandomResizedCrop::compose(Warp& warp, Rng& rng) const {
  const double share = rng.uniform(area.low, area.high), aspect = log_uniform(ratio, rng);
  const cv::Size crop = warp.output, source = warp.source;
  const Span x = placed_region(warp.center.x, crop.width, source.width, std::sqrt(share * aspect), rng);
  const Span y = placed_region(warp.center.y, crop.height, source.height, std::sqrt(share / aspect), rng);
  warp.center = {x.center, y.center};
  warp.linear = warp.linear * cv::Matx22d(x.factor, 0, 0, y.factor);
}

void HorizontalFlip::compose(Warp& warp, Rng&) const { warp.linear = warp.linear * cv::Matx22d(-1, 0, 0, 1); }

void VerticalFlip::compose(Warp& warp, Rng&) const { warp.linear = warp.linear * cv::Matx22d(1, 0, 0, -1); }

void QuarterTurns::compose(Warp& warp, Rng& rng) const {
  const cv::Matx22d quarter(0, 1, -1, 0);
  for (int64_t turns = rng.below(4); turns > 0; --turns) warp.linear = warp.linear * quarter;
}

void Rotation::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("degrees", degrees, "angle, uniform in this range, counter-clockwise", in_range(-180, 180));
}

void Rotation::compose(Warp& warp, Rng& rng) const {
  const double angle = rng.uniform(degrees.low, degrees.high) * CV_PI / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  warp.linear = warp.linear * cv::Matx22d(c, -s, s, c);
}

void Scale::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("factor", factor, "zoom factor, log-uniform in this range; above 1 enlarges", in_range(0.25, 4));
}

void Scale::compose(Warp& warp, Rng& rng) const {
  const double chosen = std::exp(rng.uniform(std::log(factor.low), std::log(factor.high)));
  warp.linear = warp.linear * (1 / chosen);
}

void Shear::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("degrees", degrees, "angle along x and angle along y, each uniform in this range", in_range(-60, 60));
}

void Shear::compose(Warp& warp, Rng& rng) const {
  const double x = std::tan(rng.uniform(degrees.low, degrees.high) * CV_PI / 180);
  const double y = std::tan(rng.uniform(degrees.low, degrees.high) * CV_PI / 180);
  warp.linear = warp.linear * cv::Matx22d(1, -x, 0, 1) * cv::Matx22d(1, 0, -y, 1);
}

void Translation::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("shift", shift,
        "shift to the right and shift down, as fractions of the crop's width and height, each uniform in this range",
        in_range(-1, 1));
}

void Translation::compose(Warp& warp, Rng& rng) const {
  const double x = rng.uniform(shift.low, shift.high) * warp.output.width;
  const double y = rng.uniform(shift.low, shift.high) * warp.output.height;
  warp.center -= warp.linear * cv::Point2d(x, y);
}

void Perspective::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  // Up to 0.25 the moved corners form a convex quadrilateral.
  visit("distortion", distortion,
        "furthest that a corner moves along x and y, as a fraction of the crop's sides, uniform in this range",
        in_range(0, 0.2));
}

void Perspective::compose(Warp& warp, Rng& rng) const {
  const double furthest = rng.uniform(distortion.low, distortion.high);
  if (furthest == 0) return;  // exactly the identity
  const auto width = static_cast<float>(warp.output.width), height = static_cast<float>(warp.output.height);
  const auto draw = [&] { return static_cast<float>(rng.uniform(-furthest, furthest)); };
  cv::Point2f corners[4], moved[4];
  for (int i = 0; i < 4; ++i) {
    corners[i] = {(i % 2 == 0 ? -0.5F : 0.5F) * width, (i < 2 ? -0.5F : 0.5F) * height};
    const float x = draw(), y = draw();
    moved[i] = corners[i] + cv::Point2f(x * width, y * height);
  }
  const cv::Matx33d homography = cv::getPerspectiveTransform(corners, moved);
  compose_projective(warp, homography);
}

void Elastic::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("sigma", sigma, "standard deviation of the displacements in pixels, uniform in this range", in_range(0, 256));
  visit("grid", grid, "control points along each side", in_range(2, 64));
}

void Elastic::compose(Warp& warp, Rng& rng) const {
  const double deviation = rng.uniform(sigma.low, sigma.high);
  const int points = static_cast<int>(grid);
  cv::Mat_<cv::Vec2f> control(points, points);
  for (cv::Vec2f& displacement : control) {
    displacement[0] = static_cast<float>(deviation * rng.normal());
    displacement[1] = static_cast<float>(deviation * rng.normal());
  }
  cv::Mat field;
  cv::resize(control, field, warp.output, 0, 0, cv::INTER_CUBIC);
  add_displacement(warp, field);
}

}  // namespace unet
