#pragma once

#include <cstdint>
#include <functional>

namespace unet::kernels {

/// Number of threads that LibTorch uses for an operation.
int64_t thread_count();

/// Calls `work(first, last)` for parts of [begin, end) with at least `grain` elements, in LibTorch's threads.
void parallel_for(int64_t begin, int64_t end, int64_t grain, const std::function<void(int64_t, int64_t)>& work);

}  // namespace unet::kernels
