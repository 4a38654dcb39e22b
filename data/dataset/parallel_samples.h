#pragma once

#include <cstddef>
#include <functional>

#include "data/dataset/scan.h"

namespace unet {

/// Calls `use` with 0 to count - 1, each once, on `options.threads` threads; `use` may be called at the same time for
/// different samples. Rethrows the first exception. Throws Error(interrupted) if `options.stop` returned true.
void for_each_sample(size_t count, const ScanOptions& options, const std::function<void(size_t)>& use);

}  // namespace unet
