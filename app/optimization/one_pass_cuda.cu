#include <cuda_runtime.h>

#include <algorithm>

#include "app/optimization/one_pass_cuda.h"
#include "app/optimization/value_rules.h"

namespace unet {
namespace {

constexpr int kThreads = 256;
constexpr int kVector = 4;                              // floats that are read at once
constexpr int64_t kOfBlock = kThreads * kVector * 8;    // values that a block moves
constexpr int kMost = 80;                               // parameters of a launch: its arguments may take 4 KB
constexpr size_t kGradient = 1;                         // in the order of the values

template <size_t Count>
struct Table {
  float* values[kMost][Count];
  int64_t sizes[kMost];
  int first_block[kMost + 1];
};

template <size_t Count, class Rule, size_t... I>
__device__ void move_value(const Rule& rule, float (&values)[Count], std::index_sequence<I...>) {
  rule(values[I]...);
}

template <class Rule, size_t Count>
__global__ void __launch_bounds__(kThreads) apply(Rule rule, const __grid_constant__ Table<Count> table, int count) {
  int low = 0, high = count;  // the parameter of this block
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (table.first_block[middle] <= static_cast<int>(blockIdx.x))
      low = middle;
    else
      high = middle;
  }
  const int64_t size = table.sizes[low];
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) - table.first_block[low]) * kOfBlock;
  const int64_t end = begin + kOfBlock < size ? begin + kOfBlock : size;
  const auto places = std::make_index_sequence<Count>();
  float* arrays[Count];
  bool aligned = true;
#pragma unroll
  for (size_t k = 0; k < Count; ++k) {
    arrays[k] = table.values[low][k];
    aligned = aligned && reinterpret_cast<size_t>(arrays[k]) % sizeof(float4) == 0;
  }
  int64_t place = begin + static_cast<int64_t>(threadIdx.x) * kVector;
  if (aligned)
    for (; place + kVector <= end; place += kThreads * kVector) {
      float4 vectors[Count];
#pragma unroll
      for (size_t k = 0; k < Count; ++k) vectors[k] = *reinterpret_cast<const float4*>(arrays[k] + place);
#pragma unroll
      for (int lane = 0; lane < kVector; ++lane) {
        float values[Count];
#pragma unroll
        for (size_t k = 0; k < Count; ++k) values[k] = reinterpret_cast<const float*>(&vectors[k])[lane];
        move_value<Count>(rule, values, places);
#pragma unroll
        for (size_t k = 0; k < Count; ++k) reinterpret_cast<float*>(&vectors[k])[lane] = values[k];
      }
#pragma unroll
      for (size_t k = 0; k < Count; ++k)
        if (k != kGradient) *reinterpret_cast<float4*>(arrays[k] + place) = vectors[k];
    }
  // The last values of a parameter, or all that lie askew.
  for (; place < end; place += kThreads * kVector)
    for (int64_t i = place; i < end && i < place + kVector; ++i) {
      float values[Count];
#pragma unroll
      for (size_t k = 0; k < Count; ++k) values[k] = arrays[k][i];
      move_value<Count>(rule, values, places);
#pragma unroll
      for (size_t k = 0; k < Count; ++k)
        if (k != kGradient) arrays[k][i] = values[k];
    }
}

}  // namespace

template <class Rule, size_t Count>
void apply_on_cuda(const Rule& rule, const std::vector<ParameterValues<Count>>& parameters, CUstream_st* stream) {
  static_assert(sizeof(Table<Count>) + sizeof(Rule) + sizeof(int) <= 4096);
  for (size_t first = 0; first < parameters.size(); first += kMost) {
    const auto count = static_cast<int>(std::min<size_t>(kMost, parameters.size() - first));
    Table<Count> table{};
    int blocks = 0;
    for (int i = 0; i < count; ++i) {
      const auto& parameter = parameters[first + static_cast<size_t>(i)];
      std::copy(parameter.of.begin(), parameter.of.end(), table.values[i]);
      table.sizes[i] = parameter.size;
      table.first_block[i] = blocks;
      blocks += static_cast<int>((parameter.size + kOfBlock - 1) / kOfBlock);
    }
    table.first_block[count] = blocks;
    if (blocks > 0) apply<Rule, Count><<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(rule, table, count);
  }
}

template void apply_on_cuda(const SgdValue&, const std::vector<ParameterValues<3>>&, CUstream_st*);
template void apply_on_cuda(const RmsPropValue&, const std::vector<ParameterValues<3>>&, CUstream_st*);
template void apply_on_cuda(const RmsPropValue&, const std::vector<ParameterValues<4>>&, CUstream_st*);
template void apply_on_cuda(const AdamValue&, const std::vector<ParameterValues<4>>&, CUstream_st*);
template void apply_on_cuda(const LionValue&, const std::vector<ParameterValues<3>>&, CUstream_st*);

}  // namespace unet
