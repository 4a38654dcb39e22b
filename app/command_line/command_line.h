#pragma once

#include <optional>

#include "app/commands/table.h"
#include "app/runtime/exit_codes.h"
#include "app/runtime/logging.h"

namespace unet {

struct CommandLine {
  Command command;
  Verbosity verbosity = Verbosity::normal;
};

struct ParsedCommandLine {
  std::optional<CommandLine> to_run;
  ExitCode exit_code = ExitCode::done;  ///< used if there is nothing to run
};

/// Parses the command line. Prints the help, the version or a parse error itself; there is nothing to run then.
ParsedCommandLine parse_command_line(int argc, char** argv);

}  // namespace unet
