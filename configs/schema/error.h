#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace unet {

/// Kinds of failure that a caller can act on. Only `main` maps them to exit codes.
enum class ErrorKind {
  usage,          ///< the command line
  data,           ///< the content of a file
  missing_input,  ///< a file or folder that does not exist
  unavailable,    ///< a device or peer that cannot be used
  internal,       ///< a bug in this program
  out_of_memory,  ///< host or device memory
  cannot_create,  ///< an output that exists, is locked or cannot be made
  io,             ///< a read or write that failed
  interrupted,    ///< stopped by a signal, resumable
  not_finite,     ///< a loss or gradient that is NaN or Inf
  config,         ///< an option's name, type or value
};

/// The one exception type of this program: `place: what: got X, expected Y. What to do.`, where the place is a
/// file, a key or a flag
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// Concatenates the parts as `operator<<` writes them.
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
