#pragma once

#include "app/command_line/arguments.h"
#include "app/command_line/exit_codes.h"

namespace unet {

// Each does what one command was given to do. Returns the exit code for what is neither an error nor plain success.
int run(const TrainArguments& arguments);
int run(const PredictArguments& arguments);
int run(const EvaluateArguments& arguments);
int run(const ExportArguments& arguments);
int run(const ImportArguments& arguments);
int run(const CheckDataArguments& arguments);
int run(const InspectArguments& arguments);
int run(const BenchArguments& arguments);
int run(const ConfigArguments& arguments);
int run(const SynthArguments& arguments);

}  // namespace unet
