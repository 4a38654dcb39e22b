#pragma once

#include "configs/schema/error.h"

namespace unet {

/// Exit codes of the program: those of sysexits.h where it defines one.
enum class ExitCode : int {
  done = 0,
  usage = 2,  ///< the command line cannot be parsed
  bad_data = 65,
  missing_input = 66,
  unavailable = 69,  ///< a device does not exist
  internal = 70,
  out_of_memory = 71,
  cannot_create = 73,  ///< an output cannot be created, or a run folder is locked
  io = 74,
  resumable = 75,   ///< stopped on request
  not_finite = 76,  ///< a loss or gradient is NaN or infinite
  bad_config = 78,
  second_signal = 130  ///< what a shell reports for SIGINT
};

/// Exit code for an error. There is no default case, so that the compiler warns about a missing kind.
constexpr ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::data:
      return ExitCode::bad_data;
    case ErrorKind::missing_input:
      return ExitCode::missing_input;
    case ErrorKind::unavailable:
      return ExitCode::unavailable;
    case ErrorKind::internal:
      return ExitCode::internal;
    case ErrorKind::out_of_memory:
      return ExitCode::out_of_memory;
    case ErrorKind::cannot_create:
      return ExitCode::cannot_create;
    case ErrorKind::io:
      return ExitCode::io;
    case ErrorKind::interrupted:
      return ExitCode::resumable;
    case ErrorKind::not_finite:
      return ExitCode::not_finite;
    case ErrorKind::config:
      return ExitCode::bad_config;
  }
  return ExitCode::internal;
}

}  // namespace unet
