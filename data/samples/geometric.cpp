#include "data/samples/geometric.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace unet {

const Registry<GeometricAugmentation>& geometric_augmentations() {
  static const Registry<GeometricAugmentation> table{
      "geometric augmentation",
      {{"horizontal_flip", "mirror left and right", make_row<GeometricAugmentation, HorizontalFlip>},
       {"vertical_flip", "mirror top and bottom", make_row<GeometricAugmentation, VerticalFlip>},
       {"quarter_turns", "rotation by 0, 90, 180 or 270 degrees, equally likely",
        make_row<GeometricAugmentation, QuarterTurns>},
       {"rotation", "rotation about the center of the crop", make_row<GeometricAugmentation, Rotation>},
       {"scale", "zoom in or out", make_row<GeometricAugmentation, Scale>},
       {"elastic", "elastic deformation, as in the U-Net paper", make_row<GeometricAugmentation, Elastic>}}};
  return table;
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
  cv::resize(control, warp.displacement, warp.output, 0, 0, cv::INTER_CUBIC);
}

}  // namespace unet
