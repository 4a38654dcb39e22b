#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/runtime/execution.h"

namespace unet {

/// Path of the BLAS library that LibTorch uses; "" if unknown.
std::string blas_library();

/// Warns if that is the slow reference BLAS, and says what to install.
void warn_if_blas_is_slow();

/// Facts, besides the options, that affect the result and the speed of a training: versions, machine, threads, device,
/// BLAS.
nlohmann::json environment(const Execution& execution);

/// Records that a training starts or resumes after `step` steps and `run_seconds`: adds the facts above and the time to
/// the list `starts` in a run's environment.json. A file without such a list is replaced.
void record_start(const std::string& path, const Execution& execution, int64_t step, double run_seconds);

}  // namespace unet
