#include "models/losses/soft_skeleton.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace unet {
namespace {

/// Neighbors of a pixel in a window: rows and columns from it, in turn.
const std::vector<int64_t> kPlus{-1, 0, 0, -1, 0, 1, 1, 0};
const std::vector<int64_t> kColumn{-1, 0, 1, 0}, kRow{0, -1, 0, 1};

/// The pixels of (N,C,H,W) at this distance from all pixels that have one there.
torch::Tensor shifted(const torch::Tensor& image, int64_t rows, int64_t columns) {
  return image.narrow(2, std::max<int64_t>(0, rows), image.size(2) - std::abs(rows))
      .narrow(3, std::max<int64_t>(0, columns), image.size(3) - std::abs(columns));
}

/// Maximum over each pixel and its neighbors. Elementwise, which is several times faster than max_pool2d on a CPU,
/// needs less memory, and is deterministic on CUDA.
class WindowMaximum : public torch::autograd::Function<WindowMaximum> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& image,
                               const std::vector<int64_t>& neighbors) {
    auto maximum = image.clone();
    for (size_t i = 0; i < neighbors.size(); i += 2) {
      auto part = shifted(maximum, -neighbors[i], -neighbors[i + 1]);
      torch::maximum_out(part, part, shifted(image, neighbors[i], neighbors[i + 1]));
    }
    context->save_for_backward({image, maximum});
    context->saved_data["neighbors"] = neighbors;
    return maximum;
  }

  static std::vector<torch::Tensor> backward(torch::autograd::AutogradContext* context,
                                             const std::vector<torch::Tensor>& gradients) {
    const auto saved = context->get_saved_variables();
    const auto neighbors = context->saved_data["neighbors"].toIntVector();
    const auto remaining = gradients[0].clone(), gradient = torch::zeros_like(remaining);
    const auto route = [&](int64_t rows, int64_t columns) {
      auto part = shifted(remaining, -rows, -columns);
      const auto routed = part * shifted(saved[0], rows, columns).eq(shifted(saved[1], -rows, -columns));
      part.sub_(routed);
      shifted(gradient, rows, columns).add_(routed);
    };
    route(0, 0);
    for (size_t i = 0; i < neighbors.size(); i += 2) route(neighbors[i], neighbors[i + 1]);
    return {gradient, {}};
  }
};

torch::Tensor soft_erode(const torch::Tensor& mask) { return -WindowMaximum::apply(-mask, kPlus); }

/// Maximum over 3x3 pixels.
torch::Tensor soft_dilate(const torch::Tensor& mask) {
  return WindowMaximum::apply(WindowMaximum::apply(mask, kColumn), kRow);
}

}  // namespace

torch::Tensor soft_skeleton(const torch::Tensor& mask, int64_t iterations) {
  auto eroded = soft_erode(mask);
  auto skeleton = torch::relu(mask - soft_dilate(eroded));
  for (int64_t i = 0; i < iterations; ++i) {
    const auto smaller = soft_erode(eroded);
    const auto ridge = torch::relu(eroded - soft_dilate(smaller));
    skeleton = skeleton + torch::relu(ridge - skeleton * ridge);
    eroded = smaller;
  }
  return skeleton;
}

}  // namespace unet
