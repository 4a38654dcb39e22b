#include "models/kernels/parallel.h"

// The header is parallel only in files that are compiled with OpenMP, as this one alone is.
#include <ATen/Parallel.h>

#ifndef _OPENMP
#error "models/kernels/parallel.cpp wants OpenMP: without it everything here would run in one thread"
#endif

namespace unet::kernels {

int64_t thread_count() { return at::get_num_threads(); }

void parallel_for(int64_t begin, int64_t end, int64_t grain, const std::function<void(int64_t, int64_t)>& work) {
  at::parallel_for(begin, end, grain, work);
}

}  // namespace unet::kernels
