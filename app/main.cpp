#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app/command_line/command_line.h"
#include "app/command_line/exit_codes.h"

// `unet`: answers help, the version and mistakes of the command line at once, and starts `unet-engine` for the rest.
// LibTorch's some 280 libraries take half a second to load, and read their environment while they do.

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEngine = "unet-engine";

/// OpenMP's idle threads spin for milliseconds before they sleep. Alone on a machine that saves a few percent; beside
/// any other process it makes a training several times slower. A user's own setting has the last word.
void let_idle_threads_sleep_soon() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "10000", /*overwrite=*/0);
}

/// Becomes the engine: beside this program where it was built, in ../libexec where it was installed. Returns where
/// that is not possible.
int start_engine(char** argv) {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path built = folder / kEngine;
  const fs::path installed = folder.parent_path() / "libexec" / kEngine;
  ::execv(built.c_str(), argv);
  if (errno == ENOENT) ::execv(installed.c_str(), argv);
  std::fprintf(stderr,
               "error: [unet] cannot start %s: %s; it belongs at %s or %s. Build or install the program again.\n",
               kEngine, std::strerror(errno), built.c_str(), installed.c_str());
  return kExitInternal;
}

}  // namespace
}  // namespace unet

int main(int argc, char** argv) {
  const unet::ParsedCommandLine parsed = unet::parse_command_line(argc, argv);
  if (!parsed.to_run) return parsed.exit_code;
  unet::let_idle_threads_sleep_soon();
  return unet::start_engine(argv);
}
