#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app/command_line/command_line.h"
#include "app/runtime/standard_output.h"

// `unet`: answers --help, --version and parse errors at once, and starts `unet-engine` for everything else. Loading
// LibTorch's 280 libraries takes half a second, and they read their environment variables while they load.

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEngine = "unet-engine";

/// Shortens the time that idle OpenMP threads spin before they sleep. Spinning for milliseconds, the default, saves a
/// few percent on an idle machine, but makes training several times slower while any other process runs. The user's own
/// settings take precedence.
void shorten_openmp_spinning() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "10000", /*overwrite=*/0);
}

/// Keeps UCX, which Debian's LibTorch 2 loads, from handling signals: SIGHUP although it is ignored, as by nohup, and
/// those of crashes. The user's own settings take precedence.
void leave_signals_alone() {
  ::setenv("UCX_DEBUG_SIGNO", "0", /*overwrite=*/0);
  ::setenv("UCX_HANDLE_ERRORS", "none", /*overwrite=*/0);
}

/// Replaces this process with the engine, which is beside this program in a build folder and in ../libexec when
/// installed. Returns only if that fails.
ExitCode start_engine(char** argv) {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path built = folder / kEngine;
  const fs::path installed = folder.parent_path() / "libexec" / kEngine;
  ::execv(built.c_str(), argv);
  if (errno == ENOENT) ::execv(installed.c_str(), argv);
  std::fprintf(stderr, "error: cannot start %s: %s; expected it at %s or %s. Rebuild or reinstall the program.\n",
               kEngine, std::strerror(errno), built.c_str(), installed.c_str());
  return ExitCode::internal;
}

}  // namespace
}  // namespace unet

int main(int argc, char** argv) {
  unet::reserve_standard_streams();
  const unet::ParsedCommandLine parsed = unet::parse_command_line(argc, argv);
  if (!parsed.to_run) return static_cast<int>(parsed.exit_code);
  unet::shorten_openmp_spinning();
  unet::leave_signals_alone();
  return static_cast<int>(unet::start_engine(argv));
}
