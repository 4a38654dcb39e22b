#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/run/run_folder.h"

namespace unet {

// What a run wrote down, read again, and cut back to the checkpoint that it is resumed from.

std::vector<std::string> split_lines(const std::string& text);

/// The list `starts` of a run's environment.json; empty where the file is not there or no such thing.
nlohmann::json recorded_starts(const std::string& path);

/// Seconds that a run's records tell of: the most that a line of its metrics.jsonl or a start in its environment.json
/// has as `run_seconds`; 0 where there are none.
double recorded_run_seconds(const RunFolder& run);

/// Removes the lines of a metrics.jsonl that lie after a step, or are no whole JSON; and the step's own validation
/// where that is still due.
void cut_back_metrics(const std::string& path, int64_t last_step, bool validation_due);

/// The line of a log that says that the checkpoint of a step was saved.
std::string saved_line(int64_t step);

/// Removes the lines of a train.log after the one that says that the step was saved. Warnings and errors stay: they
/// tell why the run stopped.
void cut_back_log(const std::string& path, int64_t last_step);

}  // namespace unet
