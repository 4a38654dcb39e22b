#include "models/execution/training_plan.h"

#include <torch/nn.h>

#include "models/execution/fusion.h"
#include "models/execution/operations.h"
#include "models/fused/batch_norm_relu/batch_norm_relu.h"
#include "models/fused/transposed_convolution/transposed_convolution.h"

namespace unet {
namespace {

namespace nn = torch::nn;
using Tensors = std::vector<torch::Tensor>;

FusedRegion norm_relu(const Op& norm, nn::Module* module, size_t last) {
  return {last, [norm, module](const Tensors& inputs, Pass pass) {
            auto& batch_norm = *module->as<nn::BatchNorm2d>();
            if (can_batch_norm_relu(batch_norm, inputs[0])) return batch_norm_relu(batch_norm, inputs[0], pass);
            return torch::relu(run(norm, module, inputs, {/*training=*/true, pass}));
          }};
}

FusedRegion upsample_concatenate(const op::ConvTranspose2d& o, nn::Module* module, size_t last) {
  return {last, [o, module](const Tensors& inputs, Pass) {
            auto& own = *module->as<nn::ConvTranspose2d>();
            if (inputs[0].is_cuda()) return torch::cat({inputs[1], own.forward(inputs[0])}, 1);  // cuDNN is fast enough
            return conv_transpose2d(o, inputs[0], own.weight, own.bias, inputs[1]);
          }};
}

}  // namespace

ExecutionPlan training_plan(const NetworkImpl& network) {
  ExecutionPlan plan;
  for (const Fusion& fusion : training_fusions(network.graph())) {
    const Op& first = network.graph().nodes()[fusion.first].op;
    nn::Module* module = network.module_of(fusion.first);
    plan[fusion.first] = fusion.kind == Fusion::Kind::norm_relu
                             ? norm_relu(first, module, fusion.last)
                             : upsample_concatenate(std::get<op::ConvTranspose2d>(first), module, fusion.last);
  }
  return plan;
}

}  // namespace unet
