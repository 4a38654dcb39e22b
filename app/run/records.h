#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/run/run_folder.h"

namespace unet {

// Reading the records of a run, and truncating them to the checkpoint that the run resumes from.

/// List `starts` of a run's environment.json; empty if the file is missing or has no such list.
nlohmann::json recorded_starts(const std::string& path);

/// Duration of a run in seconds: the largest `run_seconds` in its metrics.jsonl and environment.json; 0 without any.
double recorded_run_seconds(const RunFolder& run);

/// Removes the lines of a metrics.jsonl that are incomplete or belong to later steps than `last_step`, and the
/// validation of that step if `validation_due`, or its comparison unless `is_compared`.
void truncate_metrics(const std::string& path, int64_t last_step, bool validation_due, bool is_compared = true);

/// Log line for a saved checkpoint.
std::string saved_line(int64_t step);

/// Removes the lines of a train.log after the saved_line of `last_step`. Keeps warnings and errors, which say why the
/// run stopped.
void truncate_log(const std::string& path, int64_t last_step);

}  // namespace unet
