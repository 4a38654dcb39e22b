#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/runtime/execution.h"

namespace unet {

/// Path of the BLAS library that LibTorch uses; "" where it is unknown.
std::string blas_library();

/// Warns if that is the slow reference BLAS, and tells what to install.
void warn_of_slow_blas();

/// Facts beside the options on which result and speed of a training depend: versions, machine, threads, device, BLAS.
nlohmann::json environment(const Execution& execution);

/// Adds these facts and the time to the list `starts` in a run's environment.json when a training starts or resumes
/// after `step` steps and `run_seconds`. A file of another form is replaced.
void record_start(const std::string& path, const Execution& execution, int64_t step, double run_seconds);

}  // namespace unet
