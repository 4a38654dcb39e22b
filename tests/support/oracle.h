#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {

inline constexpr const char* kPython = "/usr/bin/python3 -B ";

/// Exit code and output of another program.
struct OracleOutcome {
  int code = -1;
  std::string output;
};

inline OracleOutcome run_oracle(const std::string& command) {
  const TempFolder folder;
  const std::string log = folder / "output.txt";
  const int status = std::system((command + " > '" + log + "' 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, file_text(log)};
}

/// Whether a test whose oracle is missing fails instead of being skipped.
inline bool oracles_are_required() {
  const char* value = std::getenv("UNET_REQUIRE_ORACLES");
  return value != nullptr && std::string(value) == "1";
}

}  // namespace unet

/// Skips the test if Python has no PyTorch, or fails it if oracles are required.
#define UNET_NEED_PYTORCH()                                                                                     \
  do {                                                                                                          \
    const auto probe = unet::run_oracle(std::string(unet::kPython) + "-c 'import numpy, torch'");               \
    if (probe.code != 0) {                                                                                      \
      const char* reason = "no /usr/bin/python3 with torch and numpy (scripts/setup.sh --tests installs them)"; \
      if (unet::oracles_are_required()) FAIL() << reason << "\n" << probe.output;                               \
      GTEST_SKIP() << reason;                                                                                   \
    }                                                                                                           \
  } while (false)
