#include "data/samples/deformation.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace unet {
namespace {

/// Returns the displacement of each pixel along one side: each cell is a piece whose length in the source is a random
/// multiple of its share, scaled so that the pieces together have the length of the side.
std::vector<float> cell_displacements(int length, int64_t cells, const Range& stretch, Rng& rng) {
  std::vector<double> ends{0};
  for (int64_t i = 0; i < cells; ++i) ends.push_back(ends.back() + 1 + rng.uniform(stretch.low, stretch.high));
  std::vector<float> displacements;
  for (int x = 0; x < length; ++x) {
    const double position = (x + 0.5) / length * static_cast<double>(cells);
    const auto cell = std::min(static_cast<size_t>(position), static_cast<size_t>(cells) - 1);
    const double end = ends[cell] + (position - static_cast<double>(cell)) * (ends[cell + 1] - ends[cell]);
    displacements.push_back(static_cast<float>(end / ends.back() * length - 0.5 - x));
  }
  return displacements;
}

}  // namespace

cv::Mat uniform_field(cv::Size size, Rng& rng) {
  cv::RNG fast(rng.bits());  // about ten times as fast as Rng::uniform
  cv::Mat field(size, CV_32FC2);
  fast.fill(field, cv::RNG::UNIFORM, -1, 1);
  return field;
}

void smooth_field(cv::Mat& field, double alpha, double sigma) {
  cv::GaussianBlur(field, field, cv::Size(), sigma, sigma, cv::BORDER_REFLECT_101);
  field *= alpha;
}

void DenseElastic::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("alpha", alpha, "factor of the smoothed displacements, pixels, uniform in this range", in_range(0, 10000));
  visit("sigma", sigma, "standard deviation of the Gaussian that smooths them, pixels, uniform in this range",
        in_range(0.5, 64));
}

void DenseElastic::compose(Warp& warp, Rng& rng) const {
  const double factor = rng.uniform(alpha.low, alpha.high), deviation = rng.uniform(sigma.low, sigma.high);
  cv::Mat field = uniform_field(warp.output, rng);
  smooth_field(field, factor, deviation);
  add_displacement(warp, field);
}

void GridDistortion::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("cells", cells, "columns and rows of the grid", in_range(2, 64));
  visit("stretch", stretch, "how much a column or row is stretched or, below 0, squeezed, uniform in this range",
        in_range(-0.9, 0.9));
}

void GridDistortion::compose(Warp& warp, Rng& rng) const {
  const std::vector<float> x = cell_displacements(warp.output.width, cells, stretch, rng);
  const std::vector<float> y = cell_displacements(warp.output.height, cells, stretch, rng);
  cv::Mat_<cv::Vec2f> field(warp.output);
  for (int row = 0; row < field.rows; ++row)
    for (int column = 0; column < field.cols; ++column)
      field(row, column) = {x[static_cast<size_t>(column)], y[static_cast<size_t>(row)]};
  add_displacement(warp, field);
}

}  // namespace unet
