#pragma once

#include <optional>

#include "app/command_line/arguments.h"
#include "app/runtime/logging.h"

namespace unet {

struct CommandLine {
  Arguments arguments;  ///< the command is the type that it holds
  Verbosity verbosity = Verbosity::normal;
};

struct ParsedCommandLine {
  std::optional<CommandLine> to_run;
  int exit_code = 0;  ///< where there is nothing to run: help was printed, or what is wrong with the command line
};

/// Reads the command line; prints help, the version, or why it is refused.
ParsedCommandLine parse_command_line(int argc, char** argv);

}  // namespace unet
