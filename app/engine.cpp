#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>

#include "app/command_line/command_line.h"
#include "app/commands/commands.h"
#include "app/runtime/allocator.h"
#include "app/runtime/out_of_memory.h"
#include "app/runtime/progress_bar.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return kExitUsage;
    case ErrorKind::data:
      return kExitBadData;
    case ErrorKind::missing_input:
      return 66;
    case ErrorKind::unavailable:
      return 69;
    case ErrorKind::internal:
      return kExitInternal;
    case ErrorKind::out_of_memory:
      return kExitOutOfMemory;
    case ErrorKind::cannot_create:
      return 73;
    case ErrorKind::io:
      return 74;
    case ErrorKind::interrupted:
      return kExitResumable;
    case ErrorKind::not_finite:
      return 76;
    case ErrorKind::config:
      return 78;
  }
  return kExitInternal;
}

int report(int code, const std::string& message) {
  ProgressBar::clear();
  spdlog::error("{}", message);
  return code;
}

/// An exception that is none of ours.
int report_foreign(const std::exception& error) {
  if (is_out_of_memory(error))
    return report(kExitOutOfMemory,
                  "out of memory. Lower train.batch_size (and raise train.accumulate to keep the effective batch), "
                  "data.size or model.base_channels; when predicting, give smaller images.");
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  return report(kExitInternal, torch != nullptr ? concat("[internal] LibTorch: ", torch->what_without_backtrace())
                                                : concat("[internal] ", error.what()));
}

/// LibTorch counts cores and leaves hyper-threads idle; OMP_NUM_THREADS keeps the last word.
void set_up_threads() {
  cv::setNumThreads(0);  // OpenCV works inside loader threads, which are parallel already; this also sets OpenMP to 1
  cpu_set_t processors;
  const bool known = ::sched_getaffinity(0, sizeof(processors), &processors) == 0;
  const char* wanted = std::getenv("OMP_NUM_THREADS");
  const int count = wanted != nullptr ? std::atoi(wanted) : known ? CPU_COUNT(&processors) : 1;
  at::set_num_threads(std::max(1, count));
}

int run_or_report(const Arguments& arguments) {
  try {
    return std::visit([](const auto& of_command) { return run(of_command); }, arguments);
  } catch (const Error& error) {
    return report(exit_code(error.kind()), error.what());
  } catch (const std::exception& error) {
    return report_foreign(error);
  }
}

/// Ends the program without LibTorch's destructors, which take a tenth of a second and have nothing left to do.
[[noreturn]] void end(int code) {
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  std::exit(code);  // where leaks are looked for
#else
  ::_exit(code);
#endif
}

}  // namespace
}  // namespace unet

// Everything but the command line's own answers, which `unet` (main.cpp) gives before it starts this program.
int main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "unet");
  const unet::ParsedCommandLine parsed = unet::parse_command_line(argc, argv);
  if (!parsed.to_run) return parsed.exit_code;
  unet::set_up_logging(parsed.to_run->verbosity);
  unet::set_up_allocator();
  unet::set_up_threads();
  unet::end(unet::run_or_report(parsed.to_run->arguments));
}
