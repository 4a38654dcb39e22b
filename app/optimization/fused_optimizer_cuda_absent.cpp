#include "app/optimization/fused_optimizer_cuda.h"
#include "app/optimization/optimizer_kernels.h"
#include "configs/schema/error.h"

namespace unet {

template <class Kernel, size_t Count>
void apply_on_cuda(const Kernel&, const std::vector<std::array<torch::Tensor, Count>>&) {
  fail(ErrorKind::internal, "[optimizer] parameters on a CUDA device in a build without CUDA");
}

template void apply_on_cuda(const SgdKernel&, const std::vector<std::array<torch::Tensor, 2>>&);
template void apply_on_cuda(const SgdKernel&, const std::vector<std::array<torch::Tensor, 3>>&);
template void apply_on_cuda(const RmsPropKernel&, const std::vector<std::array<torch::Tensor, 3>>&);
template void apply_on_cuda(const RmsPropKernel&, const std::vector<std::array<torch::Tensor, 4>>&);
template void apply_on_cuda(const AdamKernel&, const std::vector<std::array<torch::Tensor, 4>>&);
template void apply_on_cuda(const LionKernel&, const std::vector<std::array<torch::Tensor, 3>>&);

}  // namespace unet
