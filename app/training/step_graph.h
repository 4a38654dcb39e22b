#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace unet {

/// Runs forward pass, loss and backward pass of equally shaped batches as a CUDA graph: the kernels of a batch are
/// recorded once and then launched together, instead of one by one in thousands of launches.
/// Source: https://pytorch.org/docs/stable/notes/cuda.html#cuda-graphs.
class StepGraph {
 public:
  /// Returns the loss of the inputs, a detached scalar, and adds its gradients to the parameters. It must not wait for
  /// the device.
  using Work = std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs)>;

  StepGraph(const torch::Device& device, std::vector<torch::Tensor> parameters);
  ~StepGraph();
  StepGraph(const StepGraph&) = delete;
  StepGraph& operator=(const StepGraph&) = delete;

  /// Has the effect of `work(inputs)`. Runs `work` for the first three batches, records it for the fourth, and replays
  /// the recording with the values of `inputs` after that. Starts again with the next batch whose inputs differ in
  /// shape, or in which of them are undefined, or with other `constants`, the numbers that `work` contains. If `work`
  /// throws c10::Error while it is recorded, for example when memory runs out, it is run each time. Throws
  /// Error(internal) if it waits for the device.
  torch::Tensor run(const std::vector<torch::Tensor>& inputs, const std::vector<double>& constants, const Work& work);

  /// Frees the recorded graph and its memory; the next batch is recorded again. Call it when anything changes that
  /// `work` depends on besides its arguments.
  void release();

  bool is_recorded() const { return recorded_ != nullptr; }

  /// Why the work could not be recorded; "" if it was, or if recording was not tried.
  const std::string& fault() const { return fault_; }

 private:
  struct Recorded;

  void record(const std::vector<torch::Tensor>& inputs, const Work& work);
  torch::Tensor replay(const std::vector<torch::Tensor>& inputs);

  torch::Device device_;
  std::vector<torch::Tensor> parameters_;
  std::vector<std::vector<int64_t>> sizes_;  ///< shapes of the last inputs
  std::vector<double> constants_;
  int64_t batches_ = 0;                 ///< number of consecutive batches with these shapes and constants
  std::shared_ptr<Recorded> recorded_;  ///< shared_ptr, because the type is complete only in step_graph_*.cpp
  std::string fault_;
};

}  // namespace unet
