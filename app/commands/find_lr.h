#pragma once

#include "app/command_line/arguments.h"

namespace unet {

/// What `unet train --find-lr` does: a learning-rate range test for the training that `arguments` describe. Writes
/// lr-finder.png and lr-finder.json into the new folder `out`, and prints the proposal on stdout as a setting. Throws
/// Error(data) where the loss never falls, Error(interrupted).
int find_lr(const TrainArguments& arguments, const std::string& out);

}  // namespace unet
