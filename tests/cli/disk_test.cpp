// Disks that are full or dying, and places where nothing can be written.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "tests/cli/reference_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// What is wrong with how the program ended after `operation` ("" where it is not known) had failed with the system's
/// `reason`; "" for nothing. Whether a success is one is for others to see.
std::string complaint(const Outcome& outcome, const std::string& run, const std::string& operation,
                      const std::string& reason) {
  const bool is_log = begins_with(operation, "create") && contains(operation, "/train.log");  // spdlog tries five times
  const bool has_another_way =
      operation.empty() || is_log || begins_with(operation, "link") || begins_with(operation, "unlink");
  if (outcome.code == 0) return has_another_way ? "" : "success is claimed";
  if (outcome.code != 73 && outcome.code != 74) return concat("exit code ", outcome.code, ": ", outcome.err);
  for (const std::string& part : {std::string("error: "), run, reason})
    if (outcome.err.find(part) == std::string::npos) return "no '" + part + "' in: " + outcome.err;
  if (begins_with(operation, "write") && !std::regex_search(outcome.err, std::regex("only \\d+ of \\d+ bytes")))
    return "no number of bytes in: " + outcome.err;
  for (const char* lie : {"To resume", "next:"})
    if (outcome.err.find(lie) != std::string::npos) return concat("says '", lie, "': ", outcome.err);
  return "";
}

/// A fault at some of the operations of these kinds, each in a run of its own that then goes on.
void expect_survival(const std::string& kind, const std::vector<std::string>& operations, const std::string& reason,
                     int64_t few, const std::string& what, const std::string& suffix = "") {
  const ReferenceRun& reference = reference_run();
  TrustRow row(5, what);
  std::vector<int64_t> numbers;
  for (const std::string& operation : operations)
    for (const int64_t number : reference.numbers_of(operation)) numbers.push_back(number);
  ASSERT_FALSE(numbers.empty());
  for (const int64_t number : spread(numbers, cases(few, 1'000'000))) {
    const std::string run = reference.in_folder("faulty");
    const Outcome outcome = run_shell(shell_command_with_fault(concat(kind, ":", number, suffix), run,
                                                               reference.in_folder("ops"), reference.arguments(run)));
    const std::string operation = reference.operations().at(static_cast<size_t>(number - 1));
    std::string failure = complaint(outcome, run, operation, reason);
    if (failure.empty()) failure = reference.go_on(run);
    row.add(concat("operation ", number, ": ", operation), failure);
    fs::remove_all(run);
  }
}

constexpr const char* kFull = "No space left on device";
constexpr const char* kDying = "Input/output error";

TEST(Disk, FullAtOneMomentLeavesTheOldCheckpointAndSaysSo) {
  UNET_NEED_PRELOAD();
  expect_survival("enospc", {"write", "create"}, kFull, 2, "disk full at the Nth write or new file, then resume");
}

TEST(Disk, FullFromSomeWriteOnLeavesTheOldCheckpointAndSaysSo) {
  UNET_NEED_PRELOAD();
  expect_survival("enospc", {"write"}, kFull, 1, "disk full from the Nth write on, then resume", "+");
}

TEST(Disk, AnErrorAtAnyOperationIsSurvived) {
  UNET_NEED_PRELOAD();
  expect_survival("eio", {"write", "create", "rename", "link", "unlink", "mkdir"}, kDying, 2,
                  "I/O error at the Nth write, new file, rename, link, unlink or mkdir, then resume");
}

TEST(Disk, AFailingFsyncIsNoSuccess) {
  UNET_NEED_PRELOAD();
  expect_survival("eio", {"sync"}, kDying, 1, "failing fsync, then resume");
}

TEST(Disk, ShortWritesAreGoneOnWith) {
  UNET_NEED_PRELOAD();
  const ReferenceRun& reference = reference_run();
  TrustRow row(5, "short write at the Nth, and at every write");
  std::vector<std::string> faults{"short:1+"};
  for (const int64_t number : spread(reference.numbers_of("write"), cases(0, 1'000'000)))
    faults.push_back(concat("short:", number));
  for (const std::string& fault : faults) {
    const std::string run = reference.in_folder("short");
    const Outcome outcome =
        run_shell(shell_command_with_fault(fault, run, reference.in_folder("ops"), reference.arguments(run)));
    row.add(fault, outcome.code == 0 ? difference(run, reference.run()) : concat(outcome.code, ": ", outcome.err));
    fs::remove_all(run);
  }
}

/// Whether a command that mounts can be run in a mount table of its own.
bool can_mount() {
  const TempFolder folder;
  return run_shell("unshare -m mount -t tmpfs tmpfs " + shell_quoted(folder.path())).code == 0;
}

constexpr const char* kCannotMount = "mounting needs root and unshare";

int64_t bytes_below(const std::string& folder) {
  int64_t bytes = 0;
  for (const auto& [path, text] : files_below(folder)) bytes += static_cast<int64_t>(text.size());
  return bytes;
}

TEST(Disk, ThatIsReallyFullLeavesTheOldCheckpoint) {
  if (!can_mount()) GTEST_SKIP() << kCannotMount;
  const ReferenceRun& reference = reference_run();
  TrustRow row(5, "a small file system that fills up, then resume from a copy");
  const int64_t all = bytes_below(reference.run()) / 1024;
  const int64_t count = cases(1, 30);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t kib = 40 + (2 * i + 1) * all / (2 * count);
    const std::string disk = reference.in_folder("disk"), run = disk + "/run", copy = reference.in_folder("copy");
    fs::create_directories(disk);
    const std::string script = concat("mount -t tmpfs -o size=", kib, "k tmpfs ", shell_quoted(disk), " || exit 1; ",
                                      shell_command(reference.arguments(run)), "; code=$?; cp -a ", shell_quoted(run),
                                      " ", shell_quoted(copy), "; exit $code");
    const Outcome outcome = run_shell("unshare -m sh -c " + shell_quoted(script));
    std::string failure = complaint(outcome, run, "", kFull);
    if (failure.empty()) failure = reference.go_on(copy);
    row.add(concat(kib, " KiB"), failure);
    fs::remove_all(copy);
  }
}

/// A place where no output can be made, and what has to precede the program's command line for it to be so.
struct BadPlace {
  std::string name;
  std::string out;
  std::string prefix;
};

/// A folder that everyone may read and nobody but root may write.
void make_forbidden(const std::string& folder) {
  using fs::perms;
  fs::create_directories(folder);
  fs::permissions(folder, perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec);
  fs::permissions(fs::path(folder).parent_path(), perms::others_read | perms::others_exec, fs::perm_options::add);
}

std::vector<BadPlace> bad_places(const TempFolder& folder) {
  std::ofstream(folder / "file") << "a file";
  std::vector<BadPlace> places{{"no such file system", "/proc/no-such-place/run", ""},
                               {"below a file", folder / "file/run", ""},
                               {"a file", folder / "file", ""}};
  const std::string read_only = folder / "read-only", forbidden = folder / "forbidden";
  fs::create_directories(read_only + "/run/checkpoints");
  if (can_mount()) {
    const std::string prefix =
        "unshare -m sh -c 'mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"' " +
        shell_quoted(read_only) + " ";
    places.push_back({"read-only file system, new folder", read_only + "/new", prefix});
    places.push_back({"read-only file system, folder there", read_only + "/run", prefix});
  }
  make_forbidden(forbidden);
  const std::string nobody = ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  if (run_shell(nobody + shell_command({"--version"})).code == 0)  // else that user does not reach the program
    places.push_back({"no permission", forbidden + "/run", nobody});
  return places;
}

TEST(Disk, AnOutputThatCannotBeMadeIsRefusedBeforeTheDataAreLookedFor) {
  const TempFolder folder;
  TrustRow row(6, "output folder that cannot be made or written: refused before data or model are looked for");
  const std::vector<std::vector<std::string>> commands{
      {"train", "--data", folder / "no-data"},
      {"predict", folder / "no-model", UNET_SOURCE_DIR "/.github/sample-sheet.png"}};
  for (const BadPlace& place : bad_places(folder))
    for (std::vector<std::string> command : commands) {
      const bool is_spared = command[0] == "predict" && place.name.find("folder there") == std::string::npos;
      if (is_spared && !long_form()) continue;
      command.insert(command.end(), {"--out", place.out});
      const auto start = std::chrono::steady_clock::now();
      const Outcome outcome = run_shell(place.prefix + shell_command(command));
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
      std::printf("%s, %s: refused in %.2f s\n", command[0].c_str(), place.name.c_str(), time.count());
      const bool refused = outcome.code == 73 && outcome.err.find(place.out) != std::string::npos;
      row.add(command[0] + ", " + place.name, refused ? "" : concat("exit code ", outcome.code, ": ", outcome.err));
    }
}

}  // namespace
}  // namespace unet
