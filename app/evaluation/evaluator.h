#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/inference/segmenter.h"
#include "app/scores/scores.h"

namespace unet {

/// Called after each sample with its image, true classes and predicted classes. Returns false to stop the evaluation.
using EvaluatedSample = std::function<bool(size_t index, const Sample& sample, const cv::Mat& prediction)>;

/// Receives the logits (1,C,H,W) of each sample, before EvaluatedSample is called.
using PredictedLogits =
    std::function<void(size_t index, const Sample& sample, const cv::Mat& prediction, const torch::Tensor& logits)>;

/// Predicts every image as a whole and returns the confusion matrix of all pixels, at the size of the masks; nullopt if
/// `on_sample` stopped it. `on_logits` may be empty. Throws Error(data) for a file that cannot be used.
std::optional<ConfusionMatrix> evaluate(Segmenter& segmenter, const Preprocessing& preprocessing,
                                        const std::vector<SampleRef>& samples, const EvaluatedSample& on_sample,
                                        const PredictedLogits& on_logits = {});

}  // namespace unet
