#include "app/optimization/fused_optimizer_cuda.h"

#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>

#include "app/optimization/fused_optimizer_cuda_kernels.h"
#include "app/optimization/optimizer_kernels.h"

namespace unet {
namespace {

template <class T, class Kernel, size_t Count>
void launch_for(const Kernel& kernel, const std::vector<std::array<torch::Tensor, Count>>& parameters) {
  std::vector<DeviceArrays<T, Count>> arrays;
  for (const auto& tensors : parameters) {
    if (tensors[0].scalar_type() != c10::CppTypeToScalarType<T>::value) continue;
    arrays.push_back({{}, tensors[0].numel()});
    for (size_t i = 0; i < Count; ++i) arrays.back().arrays[i] = tensors[i].template data_ptr<T>();
  }
  if (arrays.empty()) return;
  launch_optimizer(kernel, arrays, c10::cuda::getCurrentCUDAStream(parameters[0][0].device().index()).stream());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}

}  // namespace

template <class Kernel, size_t Count>
void apply_on_cuda(const Kernel& kernel, const std::vector<std::array<torch::Tensor, Count>>& parameters) {
  const c10::DeviceGuard guard(parameters[0][0].device());
  launch_for<float>(kernel, parameters);
  launch_for<double>(kernel, parameters);
}

template void apply_on_cuda(const SgdKernel&, const std::vector<std::array<torch::Tensor, 2>>&);
template void apply_on_cuda(const SgdKernel&, const std::vector<std::array<torch::Tensor, 3>>&);
template void apply_on_cuda(const RmsPropKernel&, const std::vector<std::array<torch::Tensor, 3>>&);
template void apply_on_cuda(const RmsPropKernel&, const std::vector<std::array<torch::Tensor, 4>>&);
template void apply_on_cuda(const AdamKernel&, const std::vector<std::array<torch::Tensor, 4>>&);
template void apply_on_cuda(const LionKernel&, const std::vector<std::array<torch::Tensor, 3>>&);

}  // namespace unet
