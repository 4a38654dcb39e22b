#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>

#include "app/command_line/command_line.h"
#include "app/runtime/allocator.h"
#include "app/runtime/out_of_memory.h"
#include "app/runtime/progress_bar.h"
#include "app/runtime/standard_output.h"
#include "app/runtime/threads.h"
#include "configs/schema/error.h"

// `unet-engine`: does the work of every command. `unet` (main.cpp) starts it after parsing the same command line.

namespace unet {
namespace {

ExitCode report(ExitCode code, const std::string& message) {
  ProgressBar::clear();
  spdlog::error("{}", message);
  return code;
}

/// Reports an exception that a library threw.
ExitCode report_unexpected_exception(const std::exception& error) {
  if (is_out_of_memory(error))
    return report(ExitCode::out_of_memory,
                  "out of memory. Lower train.batch_size (and raise train.accumulate to keep the effective batch "
                  "size), data.size or model.base_channels; for prediction, use smaller images.");
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  return report(ExitCode::internal, torch != nullptr ? concat("internal: LibTorch: ", torch->what_without_backtrace())
                                                     : concat("internal: ", error.what()));
}

/// The value of `--threads`; 0 for a command without it.
template <class OneCommand>
auto wanted_threads(const OneCommand& command, int) -> decltype(command.threads) {
  return command.threads;
}
template <class OneCommand>
int64_t wanted_threads(const OneCommand&, long) {
  return 0;
}

/// Uses all processors: by default LibTorch uses one thread per core and leaves hyper-threads idle, and knows nothing
/// of a CPU quota.
void set_up_threads(const Command& command) {
  cv::setNumThreads(0);  // OpenCV works inside loader threads, which are parallel already; this also sets OpenMP to 1
  const int64_t wanted = std::visit([](const auto& chosen) { return int64_t{wanted_threads(chosen, 0)}; }, command);
  at::set_num_threads(choose_threads(wanted).count);
}

ExitCode run_or_report(const Command& command) {
  try {
    return std::visit([](const auto& chosen) { return chosen.run(); }, command);
  } catch (const Error& error) {
    return report(exit_code(error.kind()), error.what());
  } catch (const std::exception& error) {
    return report_unexpected_exception(error);
  }
}

/// Ends the process without running LibTorch's destructors, which would take a tenth of a second to no purpose.
[[noreturn]] void end_process(ExitCode code) {
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  std::exit(static_cast<int>(code));  // the leak check runs at exit
#else
  ::_exit(static_cast<int>(code));
#endif
}

}  // namespace
}  // namespace unet

int main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "unet");
  unet::ignore_closed_pipes();
  const unet::ParsedCommandLine parsed = unet::parse_command_line(argc, argv);
  if (!parsed.to_run) return static_cast<int>(parsed.exit_code);
  unet::set_up_logging(parsed.to_run->verbosity);
  unet::set_up_allocator();
  unet::set_up_threads(parsed.to_run->command);
  unet::end_process(unet::run_or_report(parsed.to_run->command));
}
