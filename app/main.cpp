#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <opencv2/core.hpp>

#include "app/commands/commands.h"
#include "app/run/allocator.h"
#include "app/run/logging.h"
#include "app/run/out_of_memory.h"
#include "app/run/progress_bar.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

constexpr int kExitUsage = 2;
constexpr int kExitInternal = 70;
constexpr int kExitOutOfMemory = 71;

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

/// Newer CLI11 takes the indentation out of examples unless it is told not to; older ones know no such thing.
template <class Formatter>
auto keep_indentation(Formatter& formatter, int) -> decltype(formatter.enable_footer_formatting(false)) {
  formatter.enable_footer_formatting(false);
}
template <class Formatter>
void keep_indentation(Formatter&, long) {}

/// LibTorch counts cores and leaves hyper-threads idle; OMP_NUM_THREADS keeps the last word.
void set_up_threads() {
  cv::setNumThreads(0);  // OpenCV works inside loader threads, which are parallel already; this also sets OpenMP to 1
  cpu_set_t processors;
  const bool known = ::sched_getaffinity(0, sizeof(processors), &processors) == 0;
  const char* wanted = std::getenv("OMP_NUM_THREADS");
  const int count = wanted != nullptr ? std::atoi(wanted) : known ? CPU_COUNT(&processors) : 1;
  at::set_num_threads(std::max(1, count));
}

int run(const Action& action) {
  try {
    return action();
  } catch (const Error& error) {
    return report(exit_code(error.kind()), error.what());
  } catch (const std::exception& error) {
    return report_foreign(error);
  }
}

int main_with(int argc, char** argv) {
  CLI::App app("Train U-Nets for image segmentation, run them over folders of images, and score them.", "unet");
  app.set_version_flag("--version", UNET_VERSION);
  app.require_subcommand(1);
  keep_indentation(*app.get_formatter(), 0);
  app.fallthrough();
  bool quiet = false;
  bool verbose = false;
  app.add_flag("-q,--quiet", quiet, "warnings and errors only");
  app.add_flag("-v,--verbose", verbose, "more detail")->excludes("--quiet");
  app.footer(
      "Examples:\n"
      "  unet train --data my-images --out runs/first\n"
      "  unet predict runs/first new-images --out masks\n"
      "unet COMMAND --help tells more of each command.");
  Action action;
  add_train_command(app, action);
  add_predict_command(app, action);
  add_evaluate_command(app, action);
  add_export_command(app, action);
  add_import_command(app, action);
  add_check_data_command(app, action);
  add_inspect_command(app, action);
  add_bench_command(app, action);
  add_config_command(app, action);
  add_synth_command(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  set_up_logging(quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal);
  set_up_allocator();
  set_up_threads();
  return run(action);
}

}  // namespace
}  // namespace unet

int main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "unet");  // after the restart for short waits (run/openmp_wait.cpp) the system's name is "exe"
  return unet::main_with(argc, argv);
}
