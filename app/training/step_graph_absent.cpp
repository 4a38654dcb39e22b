#include "app/training/step_graph.h"
#include "configs/schema/error.h"

namespace unet {

struct StepGraph::Recorded {};

void StepGraph::release() {}

void StepGraph::record(const std::vector<torch::Tensor>&, const Work&) { fault_ = "built without CUDA graphs"; }

torch::Tensor StepGraph::replay(const std::vector<torch::Tensor>&) {
  fail(ErrorKind::internal, "[step graph] nothing is recorded");
}

}  // namespace unet
