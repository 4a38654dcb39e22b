#pragma once

#include <array>
#include <cstdint>
#include <vector>

struct CUstream_st;  // what a cudaStream_t points to

namespace unet {

/// The values of a parameter, of its gradient, and of its states, on a CUDA device, each `size` of them.
template <size_t Count>
struct ParameterValues {
  std::array<float*, Count> of;
  int64_t size;
};

/// Calls `rule(value of each...)` (see value_rules.h) for the values of all parameters, by one kernel for some eighty
/// of them: one pass over memory. Gradients are not written.
template <class Rule, size_t Count>
void apply_on_cuda(const Rule& rule, const std::vector<ParameterValues<Count>>& parameters, CUstream_st* stream);

}  // namespace unet
