#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/runtime/execution.h"

namespace unet {

/// The library that LibTorch's matrix products come from, as a path; "" where it cannot be told.
std::string blas_library();

/// Warns when that is the slow reference BLAS, with the remedy.
void warn_of_slow_blas();

/// What a training's result and speed depend on beside its options: versions, machine, threads, device and BLAS.
nlohmann::json environment(const Execution& execution);

/// Adds these facts, and the time, to the list `starts` in a run's environment.json: the training was started or
/// resumed here, after `step` steps and `run_seconds`. A file that is no such thing is begun anew.
void record_start(const std::string& path, const Execution& execution, int64_t step, double run_seconds);

}  // namespace unet
