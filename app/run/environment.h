#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/inference/execution.h"

namespace unet {

/// The library that LibTorch's matrix products come from, as a path; "" where it cannot be told.
std::string blas_library();

/// Warns when that is the slow reference BLAS, with the remedy.
void warn_of_slow_blas();

/// Versions, threads, device and BLAS, for environment.json.
nlohmann::json environment(const Execution& execution);

}  // namespace unet
