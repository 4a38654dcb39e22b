#pragma once

#include <variant>

#include "app/commands/bench.h"
#include "app/commands/check_data.h"
#include "app/commands/config.h"
#include "app/commands/convert.h"
#include "app/commands/evaluate.h"
#include "app/commands/export.h"
#include "app/commands/import.h"
#include "app/commands/inspect.h"
#include "app/commands/plan.h"
#include "app/commands/predict.h"
#include "app/commands/synth.h"
#include "app/commands/train.h"

namespace unet {

/// Table of the commands, in the order of the help. Each holds its arguments, has a kName and a kMeaning, defines its
/// part of the command line (define) and does its work (run). Headers of commands include neither LibTorch nor OpenCV,
/// because `unet`, which parses the command line, is linked with neither.
using Command =
    std::variant<TrainCommand, PredictCommand, EvaluateCommand, ExportCommand, ImportCommand, CheckDataCommand,
                 ConvertCommand, PlanCommand, InspectCommand, BenchCommand, ConfigCommand, SynthCommand>;

}  // namespace unet
