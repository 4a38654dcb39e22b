#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <spdlog/spdlog.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include "app/training/step_graph.h"
#include "configs/schema/error.h"

namespace unet {

struct StepGraph::Recorded {
  std::vector<torch::Tensor> inputs;     ///< the graph reads from these
  torch::Tensor loss;                    ///< the graph writes to this
  std::vector<torch::Tensor> gradients;  ///< the graph writes to these; undefined for parameters without gradient
  at::cuda::CUDAGraph graph;             // last, so that its memory is freed first
};

void StepGraph::release() {
  if (!recorded_) return;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    torch::Tensor& gradient = parameters_[i].mutable_grad();
    if (gradient.defined() && gradient.is_same(recorded_->gradients[i]))
      gradient = gradient.clone();  // else it would keep the memory alive
  }
  recorded_.reset();
}

void StepGraph::record(const std::vector<torch::Tensor>& inputs, const Work& work) {
  auto recorded = std::make_unique<Recorded>();
  for (const auto& input : inputs)
    recorded->inputs.push_back(input.defined() ? torch::empty(input.sizes(), input.options().device(device_))
                                               : torch::Tensor());
  std::vector<torch::Tensor> kept;  // gradients of earlier micro-batches
  for (auto& parameter : parameters_) {
    kept.push_back(parameter.grad());
    parameter.mutable_grad().reset();  // so that recorded gradients are new tensors instead of sums
  }
  c10::cuda::CUDACachingAllocator::emptyCache();  // the graph has a memory pool of its own
  torch::cuda::synchronize();
  try {
    const c10::cuda::CUDAStreamGuard side_stream(c10::cuda::getStreamFromPool(false, device_.index()));
    // Thread-local, since the threads of the loader allocate page-locked memory at the same time.
    recorded->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      recorded->loss = work(recorded->inputs);
    } catch (const c10::Error& error) {
      fault_ = error.what_without_backtrace();
      fault_ = fault_.substr(0, fault_.find('\n'));
    }
    recorded->graph.capture_end();
    for (auto& parameter : parameters_) recorded->gradients.push_back(parameter.grad());
  } catch (const c10::Error& error) {
    // LibTorch's allocator still refers to the graph.
    static_cast<void>(recorded.release());
    if (fault_.empty()) fault_ = error.what_without_backtrace();
    fail(ErrorKind::internal, "[train] the step cannot be recorded as a CUDA graph: ", fault_,
         ". Run without CUDA graphs: --set train.fast_paths=false");
  }
  if (!fault_.empty()) spdlog::info("steps run without a CUDA graph: {}", fault_);
  for (size_t i = 0; i < parameters_.size(); ++i) parameters_[i].mutable_grad() = kept[i];
  if (fault_.empty()) recorded_ = std::move(recorded);
}

torch::Tensor StepGraph::replay(const std::vector<torch::Tensor>& inputs) {
  std::vector<torch::Tensor> earlier, sums;  // gradients of earlier micro-batches, and where to add them
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (recorded_->gradients[i].defined() && parameters_[i].grad().defined()) {
      sums.push_back(recorded_->gradients[i]);
      earlier.push_back(parameters_[i].grad().clone());  // the graph may overwrite it
    }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].defined()) recorded_->inputs[i].copy_(inputs[i], /*non_blocking=*/true);
  recorded_->graph.replay();
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (recorded_->gradients[i].defined()) parameters_[i].mutable_grad() = recorded_->gradients[i];
  if (!sums.empty()) at::_foreach_add_(sums, earlier);
  return recorded_->loss.clone();  // the next batch overwrites it
}

}  // namespace unet
