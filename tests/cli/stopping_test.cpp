// Trainings that are stopped by signals, a file or the clock, and then resumed exactly.

#include <gtest/gtest.h>

#include <memory>
#include <regex>

#include "tests/cli/reference_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Describes what is wrong with a run that got a signal at operation `number`; "" if nothing is.
std::string stop_complaint(const Outcome& outcome, const std::string& run, const std::string& trace, int64_t number) {
  const auto operations = traced_operations(trace);
  const auto after = operations.begin() + static_cast<std::ptrdiff_t>(number);
  const auto records = std::count(after, operations.end(), "write " + run + "/metrics.jsonl");
  if (records > 1) return concat(records, " records were written after the signal");
  if (outcome.code == 0) return "";  // the signal came in the last step; the result is checked later
  if (outcome.code != 75) return concat("exit code ", outcome.code, ": ", outcome.err);
  if (outcome.err.find("To resume: unet train --resume --out " + run) == std::string::npos)
    return "does not say how to resume: " + outcome.err;
  return "";
}

/// Sends signals at random operations after training began. The preloaded library sends them, so the step is known.
void expect_exact_stops(const std::string& signal, const std::string& name) {
  const ReferenceRun& reference = reference_run();
  TrustRow row(4, name + " at a random moment of the training: saved within a step, exit 75, exact resume");
  const int64_t first = reference.numbers_of("write " + reference.run() + "/metrics.jsonl").front();
  const auto numbers = reference.numbers_of("", first - 1);
  for (int64_t i = 0; i < case_count(1, 50); ++i) {
    const int64_t number =
        numbers[static_cast<size_t>(Rng::from(3, signal, i).below(static_cast<int64_t>(numbers.size())))];
    const std::string run = reference.in_folder("stopped"), trace = reference.in_folder("ops");
    fs::remove(trace);
    const Outcome outcome =
        run_shell(shell_command_with_fault(concat(signal, ":", number), run, trace, reference.arguments(run)));
    std::string failure = stop_complaint(outcome, run, trace, number);
    if (failure.empty()) failure = reference.resume_and_compare(run);
    row.add(concat("operation ", number, ": ", reference.operations().at(static_cast<size_t>(number - 1))), failure);
    fs::remove_all(run);
  }
}

TEST(Stopping, SigtermSavesWithinAStepAndTheResumedRunIsExact) {
  UNET_NEED_PRELOAD();
  expect_exact_stops("term", "SIGTERM");
}

TEST(Stopping, SigintSavesWithinAStepAndTheResumedRunIsExact) {
  UNET_NEED_PRELOAD();
  expect_exact_stops("int", "SIGINT");
}

TEST(Stopping, Sigusr1SavesWithinAStepAndTheResumedRunIsExact) {
  UNET_NEED_PRELOAD();
  expect_exact_stops("usr1", "SIGUSR1");
}

TEST(Stopping, SighupSavesWithinAStepAndTheResumedRunIsExact) {
  UNET_NEED_PRELOAD();
  expect_exact_stops("hup", "SIGHUP");
}

/// Arguments of a training that only stops when it is told to.
std::vector<std::string> endless(const std::string& run) {
  return add_arguments(reference_run().arguments(run),
                       {"--set", "train.epochs=100000", "--set", "train.validate_every_steps=100000"});
}

std::string until_recorded(const std::string& run) {
  return "until [ -s " + run + "/metrics.jsonl ]; do sleep 0.01; done; ";
}

TEST(Stopping, SeveralSighupsThenOneSigtermStillSave) {
  const std::string run = reference_run().in_folder("hangups");
  const Outcome outcome = run_shell(shell_command(endless(run)) + " & pid=$!; " + until_recorded(run) +
                                    "kill -HUP $pid; kill -HUP $pid; kill -TERM $pid; wait $pid");
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "To resume: unet train --resume --out " + run));
}

TEST(Stopping, AnIgnoredSighupStopsNothing) {
  const std::string run = reference_run().in_folder("nohup");
  const Outcome outcome =
      run_shell("(trap '' HUP; exec " + shell_command(endless(run)) + ") & pid=$!; " + until_recorded(run) +
                "kill -HUP $pid; lines=$(wc -l <" + run + "/metrics.jsonl); until [ $(wc -l <" + run +
                "/metrics.jsonl) -gt $((lines + 3)) ]; do kill -0 $pid || exit 1; sleep 0.01; done; " +
                "kill -TERM $pid; wait $pid");
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_FALSE(contains(outcome.err, "SIGHUP"));
}

TEST(Stopping, AClosedPipeDoesNotStopATraining) {
  const ReferenceRun& reference = reference_run();
  TrustRow row(21, "dead stdout and stderr: the training goes on to its end");
  for (const char* pipe : {"| true", "2>&1 | true"}) {
    const std::string run = reference.in_folder("pipe"), code = reference.in_folder("code");
    // The reader has gone before the first line.
    run_shell("(sleep 0.3; " + shell_command(reference.arguments(run)) + "; echo $? >" + code + ") " + pipe);
    row.add(pipe, file_text(code) == "0\n" ? difference(run, reference.run()) : "exit code " + file_text(code));
    fs::remove_all(run);
  }
}

TEST(Stopping, AClosedTerminalSavesAndStops) {
  if (run_shell("command -v python3").code != 0) GTEST_SKIP() << "python3 is not installed";
  const std::string run = reference_run().in_folder("terminal");
  // Trains on a terminal of its own, as an SSH session has, then closes it.
  const std::string script = R"(
import os, pty, select, sys, time
run, arguments = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(arguments[0], arguments)
metrics = run + '/metrics.jsonl'
text, end = b'', time.time() + 60
while time.time() < end and not (os.path.exists(metrics) and os.path.getsize(metrics) and b' left  ' in text):
    if select.select([terminal], [], [], 0.05)[0]:
        text += os.read(terminal, 65536)
os.close(terminal)
_, status = os.waitpid(pid, 0)
lines = [line for line in text.decode().replace('\r', '\n').split('\n') if 'training [' in line]
print(lines[-1].replace('\x1b[K', '') if lines else 'no progress')
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 200)
)";
  std::string command = "python3 -c " + shell_quoted(script) + " " + shell_quoted(run);
  const Outcome outcome = run_shell(command + " " + shell_command(endless(run)));
  EXPECT_EQ(outcome.code, 75) << outcome.out << outcome.err;
  EXPECT_TRUE(std::regex_search(outcome.out, std::regex("^\\d[\\d:]* left  training \\["))) << outcome.out;
  EXPECT_TRUE(contains(file_text(run + "/train.log"), "the terminal was closed (SIGHUP)"));
  EXPECT_EQ(
      run_unet({"train", "--resume", "--out", run, "--set", concat("train.epochs=", recorded_step(run) / 3 + 1)}).code,
      0);
}

TEST(Stopping, TheTimeLeftIsInTheLogAfterTenSteps) {
  const std::string run = reference_run().in_folder("left");
  const Outcome outcome = run_unet(add_arguments(reference_run().arguments(run), {"--set", "train.epochs=5"}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::regex line("(^|\\n)\\d[\\d:]* left: step 10 of 15, epoch 4/5  loss ");
  EXPECT_TRUE(std::regex_search(outcome.err, line)) << outcome.err;
  EXPECT_TRUE(contains(file_text(run + "/train.log"), " left: step 10 of 15, "));
}

TEST(Stopping, AfterAnyStepResumesExactlyWithAnyNumberOfWorkers) {
  UNET_NEED_PRELOAD();
  const auto longer = is_long_form() ? std::make_unique<ReferenceRun>(14) : nullptr;  // 42 steps
  const ReferenceRun& reference = longer ? *longer : reference_run();
  TrustRow row(1, "stop after a random step, resume, with 0, 1 or 4 workers at random in each part");
  const auto records = reference.numbers_of("write " + reference.run() + "/metrics.jsonl");
  for (int64_t i = 0; i < case_count(2, 100); ++i) {
    Rng rng = Rng::from(4, "stop", i);
    const int64_t number = records[static_cast<size_t>(rng.below(static_cast<int64_t>(records.size()) - 1))];
    const auto workers = [&] {
      return concat("data.num_workers=", std::vector<int>{0, 1, 4}[static_cast<size_t>(rng.below(3))]);
    };
    const std::string run = reference.in_folder("stopped"), trace = reference.in_folder("ops");
    const auto arguments = add_arguments(reference.arguments(run), {"--set", workers()});
    const Outcome stopped = run_shell(shell_command_with_fault(concat("term:", number), run, trace, arguments));
    const Outcome resumed = run_unet({"train", "--resume", "--out", run, "--set", workers()});
    const bool ended = stopped.code == 75 && resumed.code == 0;
    row.add(concat("record ", number), ended ? difference(run, reference.run()) : stopped.err + resumed.err);
    fs::remove_all(run);
  }
}

TEST(Stopping, TheNumberOfWorkersChangesNothing) {
  const ReferenceRun& reference = reference_run();
  TrustRow row(2, "the same run with 0, 1, 2 and 8 loader workers");
  const std::vector<int> all{8, 0, 1, 2};
  for (int64_t i = 0; i < case_count(2, 4); ++i) {
    const std::string run = reference.in_folder("workers");
    const std::string workers = concat("data.num_workers=", all[static_cast<size_t>(i)]);
    const Outcome outcome = run_unet(add_arguments(reference.arguments(run), {"--set", workers}));
    row.add(workers, outcome.code == 0 ? difference(run, reference.run()) : outcome.err);
    fs::remove_all(run);
  }
}

TEST(Stopping, AFileNamedStopStopsTheRunAndIsRemoved) {
  const ReferenceRun& reference = reference_run();
  const std::string run = reference.in_folder("file");
  const std::string wait_and_stop =
      "until [ -s " + run + "/metrics.jsonl ]; do sleep 0.01; done; touch " + run + "/stop";
  const Outcome outcome =
      run_shell("timeout 60 sh -c " + shell_quoted(wait_and_stop) + " & " +
                shell_command(add_arguments(reference.arguments(run), {"--set", "train.epochs=1000"})));
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, run + "/stop"));
  EXPECT_FALSE(fs::exists(run + "/stop"));
  EXPECT_EQ(
      run_unet({"train", "--resume", "--out", run, "--set", concat("train.epochs=", recorded_step(run) / 3 + 1)}).code,
      0);
}

TEST(Stopping, MaxTimeCoversAllPartsOfARun) {
  const ReferenceRun& reference = reference_run();
  const std::string run = reference.in_folder("time");
  const auto arguments =
      add_arguments(reference.arguments(run), {"--set", "train.epochs=100000", "--set", "train.max_time=1s"});
  const Outcome first = run_unet(arguments);
  EXPECT_EQ(first.code, 75) << first.err;
  EXPECT_TRUE(contains(first.err, "train.max_time"));
  const int64_t steps = recorded_step(run);
  const Outcome expired = run_unet({"train", "--resume", "--out", run});
  EXPECT_EQ(expired.code, 75) << "the time had already expired: " << expired.err;
  EXPECT_LE(recorded_step(run), steps + 1);
  const Outcome longer = run_unet({"train", "--resume", "--out", run, "--set", "train.max_time=4s"});
  EXPECT_EQ(longer.code, 75) << longer.err;
  EXPECT_GT(recorded_step(run), steps + 1);
}

}  // namespace
}  // namespace unet
