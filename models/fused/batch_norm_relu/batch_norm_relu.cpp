#include "models/fused/batch_norm_relu/batch_norm_relu.h"

#include "models/fused/batch_norm_relu/cpu.h"
#include "models/fused/batch_norm_relu/cuda.h"

namespace unet {

bool can_batch_norm_relu(const torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) {
  return x.is_cuda() ? can_batch_norm_relu_on_cuda(norm, x) : can_batch_norm_relu_on_cpu(norm, x);
}

torch::Tensor batch_norm_relu(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x, Pass pass) {
  return x.is_cuda() ? batch_norm_relu_on_cuda(norm, x, pass) : batch_norm_relu_on_cpu(norm, x, pass);
}

}  // namespace unet
