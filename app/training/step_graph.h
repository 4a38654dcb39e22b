#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace unet {

/// Runs forward pass, loss and backward pass of equally shaped batches as a CUDA graph: the kernels of a batch are
/// recorded once and then launched as a whole, instead of some thousand launches one by one.
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

  /// Has the effect of `work(inputs)`. It runs for the first three batches of a kind, is recorded for the fourth, and
  /// is replayed with other values in the inputs after that. Another kind is one with other shapes of the inputs,
  /// undefined ones included, or with other `constants`, the numbers that `work` contains. If `work` throws c10::Error
  /// while it is recorded, for example when memory runs out, it runs each time. Throws Error(internal) if it waits for
  /// the device.
  torch::Tensor run(const std::vector<torch::Tensor>& inputs, const std::vector<double>& constants, const Work& work);

  /// Frees the recorded graph and its memory; the next batch records again. Call it when something changes that `work`
  /// depends on beside its arguments.
  void forget();

  bool is_recorded() const { return recorded_ != nullptr; }

  /// Why the work could not be recorded; "" where it was, or where nothing was tried.
  const std::string& fault() const { return fault_; }

 private:
  struct Recorded;

  void record(const std::vector<torch::Tensor>& inputs, const Work& work);
  torch::Tensor replay(const std::vector<torch::Tensor>& inputs);

  torch::Device device_;
  std::vector<torch::Tensor> parameters_;
  std::vector<std::vector<int64_t>> sizes_;  ///< of the last kind, as `constants_`
  std::vector<double> constants_;
  int64_t seen_ = 0;                    ///< batches of that kind
  std::shared_ptr<Recorded> recorded_;  ///< shared_ptr: its type is complete in one of the variants only
  std::string fault_;
};

}  // namespace unet
