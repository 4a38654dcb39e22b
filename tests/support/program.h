#pragma once

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/cache_environment.h"
#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {

/// Result of a run of the real program.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  int64_t peak_bytes = 0;  ///< peak resident memory
};

inline std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

inline std::string shell_command(const std::vector<std::string>& arguments) {
  std::string command = shell_quoted(UNET_PROGRAM);
  for (const std::string& argument : arguments) command += " " + shell_quoted(argument);
  return command;
}

/// Runs a shell command and waits for it.
inline Outcome run_shell(const std::string& command) {
  const TempFolder folder;
  std::string line =
      "( " + command + " ) >" + shell_quoted(folder / "out") + " 2>" + shell_quoted(folder / "err") + " </dev/null";
  std::string shell = "sh", option = "-c";
  char* const arguments[] = {shell.data(), option.data(), line.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, "/bin/sh", nullptr, nullptr, arguments, environ) != 0) return {};
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, file_text(folder / "out"), file_text(folder / "err"),
          int64_t{usage.ru_maxrss} << 10};
}

inline Outcome run_unet(const std::vector<std::string>& arguments) { return run_shell(shell_command(arguments)); }

/// Returns `arguments` followed by `more`.
inline std::vector<std::string> add_arguments(std::vector<std::string> arguments,
                                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace unet
