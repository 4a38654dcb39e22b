#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unet {

// What a run wrote down, cut back to the checkpoint that it is resumed from.

std::vector<std::string> split_lines(const std::string& text);

/// Removes the lines of a metrics.jsonl that lie after a step, or are no whole JSON; and the step's own validation
/// where that is still due.
void cut_back_metrics(const std::string& path, int64_t last_step, bool validation_due);

/// The line of a log that says that the checkpoint of a step was saved.
std::string saved_line(int64_t step);

/// Removes the lines of a train.log after the one that says that the step was saved. Warnings and errors stay: they
/// tell why the run stopped.
void cut_back_log(const std::string& path, int64_t last_step);

}  // namespace unet
