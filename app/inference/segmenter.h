#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "app/config/config.h"
#include "app/runtime/execution.h"
#include "data/samples/preprocessing.h"
#include "models/execution/network.h"

namespace unet {

/// Runs a network on whole images. Validation, evaluation and prediction share this forward path.
class Segmenter {
 public:
  /// `network` must be on its device, and its weights must not change. It is in evaluation mode only while an image is
  /// processed.
  Segmenter(Network network, const Preprocessing& preprocessing, const Execution& execution);

  /// Returns logits (1,C,H,W) of any float type at the size of `image`, even if preprocessing resizes it. `image` comes
  /// from Preprocessing::load_image.
  torch::Tensor logits(const cv::Mat& image);

  /// Returns class probabilities (C,H,W), float32 on the CPU: softmax(logits / temperature). For one logit, C is 2.
  static torch::Tensor probabilities(const torch::Tensor& logits, double temperature = 1);

  /// Returns the most probable class of each pixel, HxW CV_8UC1. For one logit, that is class 1 where it is above 0.
  static cv::Mat classes(const torch::Tensor& logits);

 private:
  ExecutionPlan plan_for(const torch::Tensor& images) const;

  Network network_;
  const Preprocessing& preprocessing_;
  Execution execution_;
  std::optional<ExecutionPlan> plan_;  ///< made for the first image
};

/// A checkpoint, loaded for inference.
struct TrainedModel {
  Config config;
  std::unique_ptr<Preprocessing> preprocessing;
  Network network{nullptr};  ///< shared with the segmenter
  std::unique_ptr<Segmenter> segmenter;
  std::string checkpoint;        ///< path of the file
  std::string data_fingerprint;  ///< of the data that it was trained with
  double temperature = 1;        ///< of its probabilities, see Calibration
};

/// Loads a checkpoint file, or the best checkpoint of a run folder, with its averaged weights if it has any. Throws
/// Error(missing_input), Error(data).
std::unique_ptr<TrainedModel> load_model(const std::string& checkpoint_or_run, const std::string& device);

}  // namespace unet
