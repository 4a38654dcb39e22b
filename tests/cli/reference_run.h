#pragma once

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "configs/schema/error.h"
#include "data/samples/rng.h"
#include "tests/cli/run_record.h"
#include "tests/support/program.h"
#include "tests/support/sanitizer.h"
#include "tests/support/trust.h"

namespace unet {

inline constexpr bool kCanPreload = !kAddressSanitizer;

/// Command that runs the program with a fault in its writes below `folder` and traces them; see
/// support/fail_writes.cpp.
inline std::string shell_command_with_fault(const std::string& fault, const std::string& folder,
                                            const std::string& trace, const std::vector<std::string>& arguments) {
  return "LD_PRELOAD=" + shell_quoted(UNET_FAIL_WRITES) + " UNET_FAULT=" + fault +
         " UNET_FAULT_FOLDER=" + shell_quoted(folder) + " UNET_FAULT_TRACE=" + shell_quoted(trace) + " " +
         shell_command(arguments);
}

/// Reads the lines of a trace, such as "write /run/metrics.jsonl".
inline std::vector<std::string> traced_operations(const std::string& trace) {
  std::vector<std::string> operations;
  std::istringstream stream(file_text(trace));
  for (std::string line; std::getline(stream, line);) operations.push_back(line);
  return operations;
}

inline bool begins_with(const std::string& text, const std::string& beginning) { return text.rfind(beginning, 0) == 0; }

inline bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Picks `count` of the numbers, evenly spread; all of them if there are fewer.
inline std::vector<int64_t> spread(const std::vector<int64_t>& numbers, int64_t count) {
  const auto total = static_cast<int64_t>(numbers.size());
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < std::min(count, total); ++i)
    chosen.push_back(numbers[static_cast<size_t>((2 * i + 1) * total / (2 * std::min(count, total)))]);
  return chosen;
}

/// An undisturbed training by the program, with which disturbed ones are compared. Everything that draws random numbers
/// or keeps state is on: augmentation, dropout, bf16, EMA, accumulation.
class ReferenceRun {
 public:
  static constexpr int64_t kSaveEvery = 2;  // steps; an epoch has 3

  explicit ReferenceRun(int64_t epochs) : epochs_(epochs) {
    expect_success(run_unet({"synth", "--out", data(), "--count", "12", "--size", "32"}));
    const auto start = std::chrono::steady_clock::now();
    expect_success(run_shell(kCanPreload ? shell_command_with_fault("none", run(), in_folder("trace"), arguments(run()))
                                         : shell_command(arguments(run()))));
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  std::string data() const { return in_folder("data"); }
  std::string run() const { return in_folder("whole"); }
  double seconds() const { return seconds_; }
  std::string in_folder(const std::string& name) const { return folder_ / name; }

  /// Command line of the same training into another folder.
  std::vector<std::string> arguments(const std::string& out) const {
    std::vector<std::string> all{"train", "--data", data(), "--out", out};
    for (const std::string& setting :
         {std::string("data.size=[32, 32]"), std::string("augment.vertical_flip.probability=0.5"),
          std::string("augment.rotation.probability=0.5"), std::string("augment.elastic.probability=0.5"),
          std::string("augment.noise.probability=0.5"), std::string("model.depth=2"),
          std::string("model.base_channels=4"), std::string("model.dropout=0.2"), std::string("train.batch_size=2"),
          std::string("train.accumulate=2"), std::string("train.precision=bf16"), std::string("train.ema_decay=0.9"),
          std::string("train.log_every_steps=1"), std::string("train.sample_images=1"),
          concat("train.epochs=", epochs_), concat("train.save_every_steps=", kSaveEvery)})
      all.insert(all.end(), {"--set", setting});
    return all;
  }

  /// Operations of the program below the run's folder, in order; fault N hits the Nth of them.
  std::vector<std::string> operations() const { return traced_operations(in_folder("trace")); }

  /// Numbers, from 1, of the operations that begin with `beginning`, without the first `skipped` operations.
  std::vector<int64_t> numbers_of(const std::string& beginning = "", int64_t skipped = 0) const {
    std::vector<int64_t> numbers;
    const auto all = operations();
    for (size_t i = static_cast<size_t>(skipped); i < all.size(); ++i)
      if (begins_with(all[i], beginning)) numbers.push_back(static_cast<int64_t>(i + 1));
    return numbers;
  }

  /// Trains a disturbed run to its end and describes what is wrong with that training or its result; "" if nothing is.
  std::string resume_and_compare(const std::string& disturbed) const {
    const bool begun = std::filesystem::exists(disturbed + "/checkpoints/last.safetensors");
    const int64_t recorded = recorded_step(disturbed);
    const Outcome outcome =
        run_unet(begun ? std::vector<std::string>{"train", "--resume", "--out", disturbed} : arguments(disturbed));
    if (outcome.code != 0) return concat("cannot be resumed: exit code ", outcome.code, ": ", outcome.err);
    if (outcome.err.find("previous.safetensors") != std::string::npos) return "'last' was damaged: " + outcome.err;
    if (begun && recorded - resumed_step(outcome) > kSaveEvery)
      return concat("recorded up to step ", recorded, ", resumed at ", resumed_step(outcome));
    const std::string stale = stale_files(disturbed);
    return stale.empty() ? difference(disturbed, run()) : "left behind: " + stale;
  }

  /// Step at which a run reports that it was resumed; -1 if it does not report one.
  static int64_t resumed_step(const Outcome& outcome) {
    const size_t at = outcome.err.find("resumed at step ");
    return at == std::string::npos ? -1 : std::atoll(outcome.err.c_str() + at + 16);
  }

 private:
  static void expect_success(const Outcome& outcome) {
    if (outcome.code != 0) throw std::runtime_error("the undisturbed run failed: " + outcome.err);
  }

  TempFolder folder_;
  int64_t epochs_;
  double seconds_ = 0;
};

/// Reference run of nine steps that the tests share.
inline const ReferenceRun& reference_run() {
  static const ReferenceRun run(3);
  return run;
}

}  // namespace unet

/// Skips the test if support/fail_writes.cpp cannot be preloaded into the program.
#define UNET_NEED_PRELOAD() \
  if (!unet::kCanPreload) GTEST_SKIP() << "the address sanitizer must be the first library loaded"
