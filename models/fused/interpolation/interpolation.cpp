#include "models/fused/interpolation/interpolation.h"

#include <torch/types.h>

namespace unet {
namespace {

/// Returns (to, from): the weight of each input row in each output row.
torch::Tensor weights(int64_t from, int64_t to, bool align_corners, const torch::TensorOptions& options) {
  const auto places_in = torch::dtype(torch::kDouble).device(options.device());
  const auto rows = torch::arange(to, places_in);
  const auto ratio = [](int64_t a, int64_t b) { return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : 0; };
  auto places = align_corners ? rows * ratio(from - 1, to - 1) : (rows + 0.5) * ratio(from, to) - 0.5;
  places = places.clamp(0, static_cast<double>(from - 1)).unsqueeze(1);
  return (1 - (places - torch::arange(from, places_in)).abs()).clamp_min(0).to(options);
}

}  // namespace

torch::Tensor bilinear_by_matrix_products(const torch::Tensor& x, const PerAxis& size, bool align_corners) {
  const auto rows = weights(x.size(2), size[0], align_corners, x.options());
  const auto columns = weights(x.size(3), size[1], align_corners, x.options());
  return torch::matmul(rows, torch::matmul(x, columns.t()));
}

}  // namespace unet
