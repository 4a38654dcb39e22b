#include "app/training/step_graph.h"

#include <torch/types.h>

namespace unet {
namespace {

constexpr int64_t kEagerBatches = 3;  // batches in which cuDNN chooses kernels and memory is allocated

}  // namespace

StepGraph::StepGraph(const torch::Device& device, std::vector<torch::Tensor> parameters)
    : device_(device), parameters_(std::move(parameters)) {
  if (!device.is_cuda()) fault_ = "no CUDA device";
}

StepGraph::~StepGraph() = default;

torch::Tensor StepGraph::run(const std::vector<torch::Tensor>& inputs, const std::vector<double>& constants,
                             const Work& work) {
  std::vector<std::vector<int64_t>> sizes;
  for (const auto& input : inputs) sizes.push_back(input.defined() ? input.sizes().vec() : std::vector<int64_t>{-1});
  if (sizes != sizes_ || constants != constants_) {
    release();
    sizes_ = sizes;
    constants_ = constants;
    batches_ = 0;
  }
  ++batches_;
  if (!recorded_ && batches_ > kEagerBatches && fault_.empty()) record(inputs, work);
  return recorded_ ? replay(inputs) : work(inputs);
}

}  // namespace unet
