// Full and failing disks, and places that cannot be written to.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "tests/cli/reference_run.h"
#include "tests/support/contains.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

/// Describes what is wrong with the outcome after `operation` ("" if unknown) failed with the system's `reason`; "" if
/// nothing is. Whether a reported success is real is checked elsewhere.
std::string fault_complaint(const Outcome& outcome, const std::string& run, const std::string& operation,
                            const std::string& reason) {
  const bool is_log = begins_with(operation, "create") && contains(operation, "/train.log");  // spdlog tries five times
  const bool may_succeed =
      operation.empty() || is_log || begins_with(operation, "link") || begins_with(operation, "unlink");
  if (outcome.code == 0) return may_succeed ? "" : "reports success";
  if (outcome.code != 73 && outcome.code != 74) return concat("exit code ", outcome.code, ": ", outcome.err);
  for (const std::string& part : {std::string("error: "), run, reason})
    if (outcome.err.find(part) == std::string::npos) return "no '" + part + "' in: " + outcome.err;
  if (begins_with(operation, "write") && !std::regex_search(outcome.err, std::regex("only \\d+ of \\d+ bytes")))
    return "no number of bytes in: " + outcome.err;
  for (const char* lie : {"To resume", "next:"})
    if (outcome.err.find(lie) != std::string::npos) return concat("says '", lie, "': ", outcome.err);
  return "";
}

/// Injects a fault at some operations of these kinds, each in a separate run, and resumes that run.
void expect_survival(const std::string& kind, const std::vector<std::string>& operations, const std::string& reason,
                     int64_t few, const std::string& description, const std::string& suffix = "") {
  const ReferenceRun& reference = reference_run();
  TrustRow row(5, description);
  std::vector<int64_t> numbers;
  for (const std::string& operation : operations)
    for (const int64_t number : reference.numbers_of(operation)) numbers.push_back(number);
  ASSERT_FALSE(numbers.empty());
  for (const int64_t number : spread(numbers, case_count(few, 1'000'000))) {
    const std::string run = reference.in_folder("faulty");
    const Outcome outcome = run_shell(shell_command_with_fault(concat(kind, ":", number, suffix), run,
                                                               reference.in_folder("ops"), reference.arguments(run)));
    const std::string operation = reference.operations().at(static_cast<size_t>(number - 1));
    std::string failure = fault_complaint(outcome, run, operation, reason);
    if (failure.empty()) failure = reference.resume_and_compare(run);
    row.add(concat("operation ", number, ": ", operation), failure);
    fs::remove_all(run);
  }
}

constexpr const char* kDiskFull = "No space left on device";
constexpr const char* kIoError = "Input/output error";

TEST(Disk, FullAtOneOperationKeepsTheOldCheckpointAndIsReported) {
  UNET_NEED_PRELOAD();
  expect_survival("enospc", {"write", "create"}, kDiskFull, 2, "disk full at the Nth write or new file, then resume");
}

TEST(Disk, FullFromOneWriteOnKeepsTheOldCheckpointAndIsReported) {
  UNET_NEED_PRELOAD();
  expect_survival("enospc", {"write"}, kDiskFull, 1, "disk full from the Nth write on, then resume", "+");
}

TEST(Disk, AnErrorAtAnyOperationIsSurvived) {
  UNET_NEED_PRELOAD();
  expect_survival("eio", {"write", "create", "rename", "link", "unlink", "mkdir"}, kIoError, 2,
                  "I/O error at the Nth write, new file, rename, link, unlink or mkdir, then resume");
}

TEST(Disk, AFailingFsyncIsNotASuccess) {
  UNET_NEED_PRELOAD();
  expect_survival("eio", {"sync"}, kIoError, 1, "failing fsync, then resume");
}

TEST(Disk, ShortWritesAreContinued) {
  UNET_NEED_PRELOAD();
  const ReferenceRun& reference = reference_run();
  TrustRow row(5, "short write at the Nth, and at every write");
  std::vector<std::string> faults{"short:1+"};
  for (const int64_t number : spread(reference.numbers_of("write"), case_count(0, 1'000'000)))
    faults.push_back(concat("short:", number));
  for (const std::string& fault : faults) {
    const std::string run = reference.in_folder("short");
    const Outcome outcome =
        run_shell(shell_command_with_fault(fault, run, reference.in_folder("ops"), reference.arguments(run)));
    row.add(fault, outcome.code == 0 ? difference(run, reference.run()) : concat(outcome.code, ": ", outcome.err));
    fs::remove_all(run);
  }
}

/// Whether file systems can be mounted in a separate mount namespace.
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

TEST(Disk, AFullFileSystemKeepsTheOldCheckpoint) {
  if (!can_mount()) GTEST_SKIP() << kCannotMount;
  const ReferenceRun& reference = reference_run();
  TrustRow row(5, "a small file system that fills up, then resume from a copy");
  const int64_t all = bytes_below(reference.run()) / 1024;
  const int64_t count = case_count(1, 30);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t kib = 40 + (2 * i + 1) * all / (2 * count);
    const std::string disk = reference.in_folder("disk"), run = disk + "/run", copy = reference.in_folder("copy");
    fs::create_directories(disk);
    const std::string script = concat("mount -t tmpfs -o size=", kib, "k tmpfs ", shell_quoted(disk), " || exit 1; ",
                                      shell_command(reference.arguments(run)), "; code=$?; cp -a ", shell_quoted(run),
                                      " ", shell_quoted(copy), "; exit $code");
    const Outcome outcome = run_shell("unshare -m sh -c " + shell_quoted(script));
    std::string failure = fault_complaint(outcome, run, "", kDiskFull);
    if (failure.empty()) failure = reference.resume_and_compare(copy);
    row.add(concat(kib, " KiB"), failure);
    fs::remove_all(copy);
  }
}

/// An output path that cannot be created, and the prefix of the command line that makes it so.
struct BadPlace {
  std::string name;
  std::string out;
  std::string prefix;
};

/// Creates a folder that everyone may read and only root may write.
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
    places.push_back({"read-only file system, existing folder", read_only + "/run", prefix});
  }
  make_forbidden(forbidden);
  const std::string nobody = ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  if (run_shell(nobody + shell_command({"--version"})).code == 0)  // otherwise that user cannot run the program
    places.push_back({"no permission", forbidden + "/run", nobody});
  return places;
}

TEST(Disk, AnOutputThatCannotBeCreatedIsRefusedBeforeTheDataAreRead) {
  const TempFolder folder;
  TrustRow row(6, "output folder that cannot be created or written: refused before data or model are read");
  const std::vector<std::vector<std::string>> commands{
      {"train", "--data", folder / "no-data"},
      {"predict", folder / "no-model", UNET_SOURCE_DIR "/.github/sample-sheet.png"}};
  for (const BadPlace& place : bad_places(folder))
    for (std::vector<std::string> command : commands) {
      const bool is_long_form_only = command[0] == "predict" && place.name.find("existing folder") == std::string::npos;
      if (is_long_form_only && !is_long_form()) continue;
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
