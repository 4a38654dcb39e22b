// Trainings that are killed at chosen operations or random moments, and then resumed.

#include <gtest/gtest.h>

#include "tests/cli/reference_run.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

TEST(Kill, AtAnyOperationOnAFileLosesAtMostOneSaveInterval) {
  UNET_NEED_PRELOAD();
  const ReferenceRun& reference = reference_run();
  TrustRow row(3, "kill -9 at each write, fsync, rename, link and unlink of a run, then resume");
  const auto all = reference.numbers_of();
  ASSERT_GT(all.size(), 60u);
  for (const int64_t number : spread(all, case_count(4, 1'000'000))) {
    const std::string run = reference.in_folder("killed");
    const Outcome outcome = run_shell(
        shell_command_with_fault(concat("kill:", number), run, reference.in_folder("ops"), reference.arguments(run)));
    const std::string which = concat("operation ", number, ": ", reference.operations().at(number - 1));
    row.add(which, outcome.code == 0 ? "it was not killed" : reference.resume_and_compare(run));
    fs::remove_all(run);
  }
}

TEST(Kill, AtARandomMomentLosesAtMostOneSaveInterval) {
  const ReferenceRun& reference = reference_run();
  TrustRow row(3, "kill -9 at a random moment, then resume");
  for (int64_t i = 0; i < case_count(1, 100); ++i) {
    const double wait = Rng::from(1, "kill", i).uniform(0, 0.9 * reference.seconds());
    const std::string run = reference.in_folder("killed");
    const Outcome outcome = run_shell(shell_command(reference.arguments(run)) +
                                      concat(" & pid=$!; sleep ", wait, "; kill -9 $pid; wait $pid"));
    const std::string failure = reference.resume_and_compare(run);
    if (outcome.code != 0) row.add(concat("after ", wait, " s"), failure);  // otherwise it had already finished
    fs::remove_all(run);
  }
}

TEST(Kill, RepeatedKillsGiveTheSameResult) {
  UNET_NEED_PRELOAD();
  const ReferenceRun& reference = reference_run();
  TrustRow row(3, "killed repeatedly, at each resume later in the run");
  const std::string run = reference.in_folder("killed");
  const auto resume = [&](int64_t number) {
    return run_shell(shell_command_with_fault(concat("kill:", number), run, reference.in_folder("ops"),
                                              {"train", "--resume", "--out", run}));
  };
  const auto first = static_cast<int64_t>(reference.operations().size()) / 3;
  run_shell(
      shell_command_with_fault(concat("kill:", first), run, reference.in_folder("ops"), reference.arguments(run)));
  Outcome outcome;
  int64_t kills = 1;
  for (int64_t number = 1; number < 60 && outcome.code != 0; number += is_long_form() ? 3 : 40, ++kills)
    outcome = resume(number);
  row.add(concat(kills, " kills"), reference.resume_and_compare(run));
}

}  // namespace
}  // namespace unet
