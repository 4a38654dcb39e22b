#include <cuda_runtime.h>

#include <algorithm>
#include <utility>

#include "app/optimization/fused_optimizer_cuda_kernels.h"
#include "app/optimization/optimizer_kernels.h"

namespace unet {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kValuesPerBlock = kThreads * 4 * 8;
constexpr int kMaxParameters = 80;  // per launch, whose arguments may take 4 KB
constexpr size_t kGradient = 1;     // index of the gradient among the arrays

/// Values that one memory access reads or writes.
template <class T>
struct alignas(16) Vector {
  static constexpr int kLanes = 16 / sizeof(T);
  T lanes[kLanes];
};

template <class T, size_t Count>
struct ParameterTable {
  T* arrays[kMaxParameters][Count];
  int64_t sizes[kMaxParameters];
  int first_block[kMaxParameters + 1];
};

template <size_t Count, class T, class Kernel, size_t... I>
__device__ void apply_to_value(const Kernel& kernel, T (&values)[Count], std::index_sequence<I...>) {
  kernel(values[I]...);
}

template <class Kernel, class T, size_t Count>
__global__ void __launch_bounds__(kThreads)
    optimizer_step(Kernel kernel, const __grid_constant__ ParameterTable<T, Count> table, int count) {
  int low = 0, high = count;  // binary search for the parameter of this block
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (table.first_block[middle] <= static_cast<int>(blockIdx.x))
      low = middle;
    else
      high = middle;
  }
  constexpr int kLanes = Vector<T>::kLanes;
  const int64_t size = table.sizes[low];
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) - table.first_block[low]) * kValuesPerBlock;
  const int64_t end = begin + kValuesPerBlock < size ? begin + kValuesPerBlock : size;
  const auto indices = std::make_index_sequence<Count>();
  T* arrays[Count];
  bool aligned = true;
#pragma unroll
  for (size_t k = 0; k < Count; ++k) {
    arrays[k] = table.arrays[low][k];
    aligned = aligned && reinterpret_cast<size_t>(arrays[k]) % sizeof(Vector<T>) == 0;
  }
  int64_t offset = begin + static_cast<int64_t>(threadIdx.x) * kLanes;
  if (aligned)
    for (; offset + kLanes <= end; offset += kThreads * kLanes) {
      Vector<T> vectors[Count];
#pragma unroll
      for (size_t k = 0; k < Count; ++k) vectors[k] = *reinterpret_cast<const Vector<T>*>(arrays[k] + offset);
#pragma unroll
      for (int lane = 0; lane < kLanes; ++lane) {
        T values[Count];
#pragma unroll
        for (size_t k = 0; k < Count; ++k) values[k] = vectors[k].lanes[lane];
        apply_to_value<Count>(kernel, values, indices);
#pragma unroll
        for (size_t k = 0; k < Count; ++k) vectors[k].lanes[lane] = values[k];
      }
#pragma unroll
      for (size_t k = 0; k < Count; ++k)
        if (k != kGradient) *reinterpret_cast<Vector<T>*>(arrays[k] + offset) = vectors[k];
    }
  // The last values of a parameter, or all values of a parameter that is not aligned.
  for (; offset < end; offset += kThreads * kLanes)
    for (int64_t i = offset; i < end && i < offset + kLanes; ++i) {
      T values[Count];
#pragma unroll
      for (size_t k = 0; k < Count; ++k) values[k] = arrays[k][i];
      apply_to_value<Count>(kernel, values, indices);
#pragma unroll
      for (size_t k = 0; k < Count; ++k)
        if (k != kGradient) arrays[k][i] = values[k];
    }
}

}  // namespace

template <class Kernel, class T, size_t Count>
void launch_optimizer(const Kernel& kernel, const std::vector<DeviceArrays<T, Count>>& parameters,
                      CUstream_st* stream) {
  static_assert(sizeof(ParameterTable<T, Count>) + sizeof(Kernel) + sizeof(int) <= 4096);
  for (size_t first = 0; first < parameters.size(); first += kMaxParameters) {
    const auto count = static_cast<int>(std::min<size_t>(kMaxParameters, parameters.size() - first));
    ParameterTable<T, Count> table{};
    int blocks = 0;
    for (int i = 0; i < count; ++i) {
      const auto& parameter = parameters[first + static_cast<size_t>(i)];
      std::copy(parameter.arrays.begin(), parameter.arrays.end(), table.arrays[i]);
      table.sizes[i] = parameter.size;
      table.first_block[i] = blocks;
      blocks += static_cast<int>((parameter.size + kValuesPerBlock - 1) / kValuesPerBlock);
    }
    table.first_block[count] = blocks;
    if (blocks > 0)
      optimizer_step<Kernel, T, Count><<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(kernel, table, count);
  }
}

#define UNET_LAUNCH_OPTIMIZER(KERNEL, COUNT)                                                                   \
  template void launch_optimizer(const KERNEL&, const std::vector<DeviceArrays<float, COUNT>>&, CUstream_st*); \
  template void launch_optimizer(const KERNEL&, const std::vector<DeviceArrays<double, COUNT>>&, CUstream_st*);

UNET_LAUNCH_OPTIMIZER(SgdKernel, 2)
UNET_LAUNCH_OPTIMIZER(SgdKernel, 3)
UNET_LAUNCH_OPTIMIZER(RmsPropKernel, 3)
UNET_LAUNCH_OPTIMIZER(RmsPropKernel, 4)
UNET_LAUNCH_OPTIMIZER(AdamKernel, 4)
UNET_LAUNCH_OPTIMIZER(LionKernel, 3)

}  // namespace unet
