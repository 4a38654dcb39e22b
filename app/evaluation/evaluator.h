#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/scores/scores.h"
#include "app/inference/segmenter.h"

namespace unet {

/// Called after each pair with its image, true classes and predicted classes; false stops the evaluation.
using EvaluatedPair = std::function<bool(size_t index, const Sample& sample, const cv::Mat& prediction)>;

/// Predicts every image whole and counts pixels against its mask at the mask's own size. Nothing when
/// `seen` stopped it. Throws Error(data) for a file that cannot be used.
std::optional<ConfusionMatrix> evaluate(Segmenter& segmenter, const Preprocessing& preprocessing,
                                        const std::vector<Pair>& pairs, const EvaluatedPair& seen);

}  // namespace unet
