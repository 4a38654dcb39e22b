#include "models/kernels/parallel.h"

// This header is parallel only in files compiled with OpenMP, which this one alone is.
#include <ATen/Parallel.h>

#ifndef _OPENMP
#error "models/kernels/parallel.cpp needs OpenMP: without it all our kernels would run in one thread"
#endif

namespace unet::kernels {

int64_t thread_count() { return at::get_num_threads(); }

void parallel_for(int64_t begin, int64_t end, int64_t grain, const std::function<void(int64_t, int64_t)>& work) {
  at::parallel_for(begin, end, grain, work);
}

}  // namespace unet::kernels
