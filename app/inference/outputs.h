#pragma once

#include <filesystem>
#include <string>

#include "app/inference/output_kinds.h"
#include "app/inference/segmenter.h"

namespace unet {

/// Path of an image's output of this kind (see kOutputKinds): OUT/KIND/RELATIVE.png, or .tiff for probabilities.
std::filesystem::path output_path(const std::string& out, const std::string& kind,
                                  const std::filesystem::path& relative);

/// Writes one output: `mask` holds the mask values of the data set, `index` the class indices; `color` and `overlay`
/// are pictures; `probabilities` is a float TIFF with one page per class. Throws Error(cannot_create), Error(io).
void write_output(const std::string& kind, const std::string& path, const TrainedModel& model, const cv::Mat& image,
                  const torch::Tensor& logits);

}  // namespace unet
