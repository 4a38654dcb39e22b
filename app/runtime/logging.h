#pragma once

#include <string>

namespace unet {

enum class Verbosity { quiet, normal, verbose };

/// Sends spdlog to stderr, above any progress bar, colored on a terminal unless NO_COLOR is set. Quiet: warnings and
/// errors only.
void set_up_logging(Verbosity verbosity);

/// Also appends every line, with its time, to a file, first those that were logged before. Throws Error(cannot_create).
void log_to_file(const std::string& path);

}  // namespace unet
