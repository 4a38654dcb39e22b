#include "data/samples/shadow.h"

#include <algorithm>
#include <cmath>

#include "data/samples/unit_range.h"

namespace unet {
namespace {

/// A line; `distance` is positive on the side of the shadow.
struct ShadowEdge {
  double x, y, offset;
  double distance(int column, int row) const { return x * column + y * row + offset; }
};

/// Draws the edges of a convex shadow around a point away from the border: one, or three to six in even directions.
std::vector<ShadowEdge> draw_edges(cv::Size image, Rng& rng) {
  const double side = std::min(image.width, image.height);
  const double x = rng.uniform(0.2, 0.8) * image.width, y = rng.uniform(0.2, 0.8) * image.height;
  const int64_t count = rng.chance(0.5) ? 1 : 3 + rng.below(4);
  const double turn = rng.uniform(0, 2 * CV_PI);
  std::vector<ShadowEdge> edges;
  for (int64_t i = 0; i < count; ++i) {
    const double angle = turn + 2 * CV_PI * static_cast<double>(i) / static_cast<double>(count);
    const double distance = (count == 1 ? rng.uniform(0, 0.2) : rng.uniform(0.15, 0.5)) * side;
    ShadowEdge edge{std::cos(angle), std::sin(angle), 0};
    edge.offset = distance - edge.x * x - edge.y * y;
    edges.push_back(edge);
  }
  return edges;
}

}  // namespace

void Shadow::fields(FieldVisitor& visit) {
  Augmentation::fields(visit);
  visit("strength", strength, "share of the light that is taken away, uniform in this range", in_range(0, 1));
  visit("edge", edge, "width of the soft edge as a fraction of the crop's shorter side, uniform in this range",
        in_range(0, 1));
}

void Shadow::apply(cv::Mat& image, const IntensityScale& scale, Rng& rng) const {
  const double taken = rng.uniform(strength.low, strength.high);
  const double width = std::max(1.0, rng.uniform(edge.low, edge.high) * std::min(image.cols, image.rows));
  const std::vector<ShadowEdge> edges = draw_edges(image.size(), rng);
  const auto channels = static_cast<size_t>(image.channels());
  const std::vector<double> low = lowest_values(scale, channels);
  const std::vector<float> black(low.begin(), low.end());
  for (int y = 0; y < image.rows; ++y) {
    auto* value = image.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x, value += channels) {
      double inside = 1;
      for (const ShadowEdge& line : edges) inside = std::min(inside, line.distance(x, y) / width + 0.5);
      const auto share = static_cast<float>(taken * std::max(0.0, inside));
      for (size_t c = 0; c < channels; ++c) value[c] -= share * std::max(0.0F, value[c] - black[c]);
    }
  }
}

}  // namespace unet
