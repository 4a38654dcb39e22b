#include "app/evaluation/logit_sampler.h"

#include <torch/utils.h>

#include <algorithm>

#include "configs/schema/ignore_label.h"
#include "data/samples/rng.h"
#include "models/losses/loss.h"

namespace unet {
namespace {

constexpr int64_t kMaxSampledPixels = 32768;
constexpr int64_t kMaxSampledLogits = 1 << 19;

}  // namespace

LogitSampler::LogitSampler(uint64_t seed, int64_t images, int64_t num_classes)
    : seed_(seed),
      max_pixels_(std::min(kMaxSampledPixels, kMaxSampledLogits / num_classes)),
      pixels_per_image_((max_pixels_ + images - 1) / std::max<int64_t>(1, images)) {
  sample_.num_classes = num_classes;
}

void LogitSampler::add(size_t index, const cv::Mat& truth, const torch::Tensor& logits) {
  const torch::NoGradGuard no_grad;
  const auto left = max_pixels_ - static_cast<int64_t>(sample_.labels.size());
  Rng rng = Rng::from(seed_, "calibration", index);
  std::vector<int64_t> rows, columns;
  for (int64_t i = 0; i < std::min(pixels_per_image_, left); ++i) {
    const int64_t row = rng.below(truth.rows), column = rng.below(truth.cols);
    const uint8_t label = truth.at<uint8_t>(static_cast<int>(row), static_cast<int>(column));
    if (label == kIgnoreLabel) continue;
    rows.push_back(row);
    columns.push_back(column);
    sample_.labels.push_back(label);
  }
  if (rows.empty()) return;
  const auto indices = [&](const std::vector<int64_t>& values) {
    return torch::tensor(values, torch::kLong).to(logits.device());
  };
  const auto drawn = logits.index({at::indexing::Slice(), at::indexing::Slice(), indices(rows), indices(columns)});
  const auto by_pixel = softmax_logits(drawn).to(torch::kFloat).squeeze(0).t().cpu().contiguous();
  const auto* values = by_pixel.data_ptr<float>();
  sample_.logits.insert(sample_.logits.end(), values, values + by_pixel.numel());
}

}  // namespace unet
