#pragma once

#include <string>
#include <utility>

#include "configs/schema/error.h"

namespace unet {

/// Returns the message of the Error of this kind that `action` throws, or else a text that says what happened.
template <class Action>
std::string error_text(ErrorKind kind, Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string("an error of another kind: ") + error.what();
  }
  return "no error";
}

template <class Action>
std::string config_error(Action&& action) {
  return error_text(ErrorKind::config, std::forward<Action>(action));
}

}  // namespace unet
