#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/run/run_folder.h"

namespace unet {

// Records of a run: how they are read, and cut back to the checkpoint that the run resumes from.

std::vector<std::string> split_lines(const std::string& text);

/// List `starts` of a run's environment.json; empty where the file is missing or has another form.
nlohmann::json recorded_starts(const std::string& path);

/// Duration of a run in seconds: the largest `run_seconds` in its metrics.jsonl and environment.json; 0 without any.
double recorded_run_seconds(const RunFolder& run);

/// Removes the lines of a metrics.jsonl that are after `last_step` or incomplete, and the validation of that step where
/// it is still due.
void cut_back_metrics(const std::string& path, int64_t last_step, bool validation_due);

/// Line of a log after the checkpoint of a step is saved.
std::string saved_line(int64_t step);

/// Removes the lines of a train.log after the saved_line of `last_step`. Warnings and errors stay: they tell why the
/// run stopped.
void cut_back_log(const std::string& path, int64_t last_step);

}  // namespace unet
