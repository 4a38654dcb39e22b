#include "app/inference/segmenter.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>

#include "app/checkpoint/checkpoint.h"
#include "app/scores/temperature.h"
#include "models/execution/inference_plan.h"
#include "models/fused/class_map/class_map.h"
#include "models/losses/loss.h"

namespace unet {
namespace {

class EvalMode {
 public:
  explicit EvalMode(NetworkImpl& network) : network_(network), was_training_(network.is_training()) { network_.eval(); }
  ~EvalMode() { network_.train(was_training_); }
  EvalMode(const EvalMode&) = delete;
  EvalMode& operator=(const EvalMode&) = delete;

 private:
  NetworkImpl& network_;
  bool was_training_;
};

}  // namespace

Segmenter::Segmenter(Network network, const Preprocessing& preprocessing, const Execution& execution)
    : network_(std::move(network)), preprocessing_(preprocessing), execution_(execution.for_inference()) {}

ExecutionPlan Segmenter::plan_for(const torch::Tensor& images) const {
  if (!execution_.is_fused()) return {};
  return inference_plan(*network_, images.sizes().vec(), execution_.dtype, execution_.memory_format);
}

torch::Tensor Segmenter::logits(const cv::Mat& image) {
  const torch::NoGradGuard no_grad;
  const EvalMode eval(*network_);
  torch::Tensor logits;
  {
    const AutocastGuard autocast(execution_);
    const auto images = to_device(preprocessing_.to_tensor(image), execution_);
    if (!plan_) plan_ = plan_for(images);
    logits = network_->forward(images, *plan_);
  }
  const std::vector<int64_t> size{image.rows, image.cols};
  if (logits.size(2) == size[0] && logits.size(3) == size[1]) return logits;
  return torch::upsample_bilinear2d(logits.to(torch::kFloat).contiguous(), size, /*align_corners=*/false);
}

torch::Tensor Segmenter::probabilities(const torch::Tensor& logits, double temperature) {
  const auto scores = softmax_logits(logits).to(torch::kFloat);
  return torch::softmax(temperature == 1 ? scores : scores / temperature, 1).squeeze(0).cpu().contiguous();
}

cv::Mat Segmenter::classes(const torch::Tensor& logits) {
  const auto map = class_map(logits);
  return cv::Mat(static_cast<int>(map.size(1)), static_cast<int>(map.size(2)), CV_8UC1, map.data_ptr()).clone();
}

std::unique_ptr<TrainedModel> load_model(const std::string& checkpoint_or_run, const std::string& device) {
  auto model = std::make_unique<TrainedModel>();
  model->checkpoint = checkpoint_file(checkpoint_or_run);
  const Checkpoint checkpoint = load_checkpoint(model->checkpoint);
  model->config = stored_config(checkpoint.config, model->checkpoint);
  model->data_fingerprint = checkpoint.data_fingerprint;
  model->temperature = temperature_of(checkpoint.calibration);
  model->preprocessing = std::make_unique<Preprocessing>(model->config.data);
  model->network = Network(describe_unet(model->config.model, model->preprocessing->channels()));
  load_weights(*model->network, checkpoint.weights_to_use(), model->checkpoint);
  const auto& train = model->config.train;
  const Execution execution = choose_execution(device, train.precision, train.memory_format, train.fast_paths);
  move_to_device(*model->network, execution);
  model->segmenter = std::make_unique<Segmenter>(model->network, *model->preprocessing, execution);
  return model;
}

}  // namespace unet
