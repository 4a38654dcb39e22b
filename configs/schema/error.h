#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace unet {

/// What went wrong, in the classes a caller can act on. Only `main` maps these to exit codes.
enum class ErrorKind {
  usage,          ///< the command line
  data,           ///< a file's content
  missing_input,  ///< a file or folder that is not there
  unavailable,    ///< a device or peer
  internal,       ///< a fault of this program
  out_of_memory,  ///< host or device memory
  cannot_create,  ///< an output that exists, is locked or cannot be made
  io,             ///< a read or write that failed half-way
  interrupted,    ///< stopped by a signal, resumable
  not_finite,     ///< a loss or gradient that is NaN or Inf
  config,         ///< an option's name, type or value
};

/// The one exception type of this program: `[where] what: got X, expected Y. What to do.`
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// The parts written one after another, as `operator<<` writes them.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

/// Throws Error(kind) with the parts as its message.
template <class... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, concat(parts...));
}

}  // namespace unet
