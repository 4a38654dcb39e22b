#pragma once

#include <string>

#include "app/commands/train.h"

namespace unet {

/// `unet train --find-lr`: a learning-rate range test for the training that `command` describes. Writes lr-finder.png
/// and lr-finder.json to the new folder `out`, and prints the suggested setting on stdout. Throws Error(data) if the
/// loss never decreases, Error(interrupted) on a stop signal.
ExitCode find_learning_rate(const TrainCommand& command, const std::string& out);

}  // namespace unet
