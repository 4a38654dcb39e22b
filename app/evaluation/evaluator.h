#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/inference/segmenter.h"
#include "app/scores/scores.h"

namespace unet {

/// Called after each sample with its image, true classes and predicted classes. Returns false to stop the evaluation.
using EvaluatedSample = std::function<bool(size_t index, const Sample& sample, const cv::Mat& prediction)>;

/// Predicts every image as a whole and returns the confusion matrix of all pixels, at the size of the masks; nullopt if
/// `on_sample` stopped it. Throws Error(data) for a file that cannot be used.
std::optional<ConfusionMatrix> evaluate(Segmenter& segmenter, const Preprocessing& preprocessing,
                                        const std::vector<SampleRef>& samples, const EvaluatedSample& on_sample);

}  // namespace unet
