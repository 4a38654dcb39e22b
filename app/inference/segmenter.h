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

/// Runs a network on whole images: the one forward path of validation, evaluation and prediction.
class Segmenter {
 public:
  /// `network` must be on its device (see move_to_device), and its weights must stay as they are; it is put into
  /// evaluation mode for each image and back afterwards.
  Segmenter(Network network, const Preprocessing& preprocessing, const Execution& execution);

  /// Logits (1,C,H,W), of any float type, at the image's own size (resized back where preprocessing resized).
  /// `image` as Preprocessing::load_image gives it.
  torch::Tensor logits(const cv::Mat& image);

  /// Class probabilities (C,H,W) float32 on the CPU; with one logit C is 2.
  static torch::Tensor probabilities(const torch::Tensor& logits);

  /// The likeliest class of each pixel, HxW CV_8UC1; with one logit class 1 where it is above 0.
  static cv::Mat classes(const torch::Tensor& logits);

 private:
  ExecutionPlan plan_for(const torch::Tensor& images) const;

  Network network_;
  const Preprocessing& preprocessing_;
  Execution execution_;
  std::optional<ExecutionPlan> plan_;  ///< made for the first image
};

/// A checkpoint, ready to be used on images.
struct TrainedModel {
  Config config;
  std::unique_ptr<Preprocessing> preprocessing;
  Network network{nullptr};  ///< the one that the segmenter runs
  std::unique_ptr<Segmenter> segmenter;
  std::string checkpoint;  ///< the file it came from
};

/// `checkpoint_or_run`: a checkpoint file, or a run's folder, which stands for its best checkpoint. EMA
/// weights where there are some. Throws Error(missing_input), Error(data).
std::unique_ptr<TrainedModel> load_model(const std::string& checkpoint_or_run, const std::string& device);

}  // namespace unet
