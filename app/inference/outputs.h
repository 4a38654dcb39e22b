#pragma once

#include <filesystem>
#include <string>

#include "app/inference/output_kinds.h"
#include "app/inference/segmenter.h"

namespace unet {

/// Where an output of `kind` (of kOutputKinds) for the image with this relative path goes: OUT/KIND/RELATIVE.png (or
/// .tiff).
std::filesystem::path output_path(const std::string& out, const std::string& kind,
                                  const std::filesystem::path& relative);

/// Writes one output: `mask` the data set's own mask values, `index` class indices, `colour` and
/// `overlay` pictures for people, `probabilities` a float TIFF with a page for each class.
/// Throws Error(cannot_create), Error(io).
void write_output(const std::string& kind, const std::string& path, const TrainedModel& model, const cv::Mat& image,
                  const torch::Tensor& logits);

}  // namespace unet
