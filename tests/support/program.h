#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {

/// What a run of the real program gave.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
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

/// Runs a command line of the shell to its end.
inline Outcome run_shell(const std::string& command) {
  const TempFolder folder;
  const int status = std::system(
      ("( " + command + " ) >" + shell_quoted(folder / "out") + " 2>" + shell_quoted(folder / "err") + " </dev/null")
          .c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, file_text(folder / "out"), file_text(folder / "err")};
}

inline Outcome run_unet(const std::vector<std::string>& arguments) { return run_shell(shell_command(arguments)); }

}  // namespace unet
