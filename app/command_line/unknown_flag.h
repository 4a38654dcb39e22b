#pragma once

#include <string>
#include <vector>

namespace unet {

/// A command line with flags that its command does not have.
struct UnknownFlags {
  std::vector<std::string> arguments;  ///< the whole command line, without the program's name
  std::vector<size_t> positions;       ///< of these flags in `arguments`
  std::string command;                 ///< name of the command; "" if the flag stands before it
  std::vector<std::string> flags;      ///< those of the command, e.g. "--out"
};

/// Message about the first of them: the command line that was meant where it names an option of the config, else the
/// flags that it resembles.
std::string unknown_flag_text(const UnknownFlags& unknown);

}  // namespace unet
