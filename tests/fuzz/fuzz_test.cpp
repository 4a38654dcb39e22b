// Gives damaged files to every reader of files: each must return a result that is right in itself, or refuse the file,
// within seconds and bounded memory. Every run replays the files in corpus/ and tries a few damaged ones;
// scripts/test.sh fuzz tries for longer, with the address sanitizer.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>

#include "configs/schema/error.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/mutator.h"
#include "tests/support/file_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/sanitizer.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr int kQuickFiles = 300;  ///< tried for each target in every run of the tests
constexpr size_t kMaxPool = 256;  ///< files that are damaged further, beside the seeds
constexpr double kMaxSeconds = kAddressSanitizer ? 10 : 2;
constexpr int64_t kMaxMebibytes = 1536;  ///< of the process
constexpr unsigned kHangSeconds = 60;    ///< then the process ends and leaves the file

std::vector<FuzzTarget> fuzz_targets() {
  std::vector<FuzzTarget> targets;
  for (const auto& list : {image_targets(), annotation_targets(), weight_targets()})
    targets.insert(targets.end(), list.begin(), list.end());
  return targets;
}

double long_form_seconds() {
  const char* seconds = std::getenv("UNET_FUZZ_SECONDS");
  return seconds == nullptr ? 0 : std::atof(seconds);
}

/// Where the long form leaves the file that is being read, findings, and files that led to a new message.
fs::path long_form_folder() {
  const char* folder = std::getenv("UNET_FUZZ_FOLDER");
  return folder == nullptr ? "fuzz" : folder;
}

int64_t peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss >> 10;
}

/// A message without what differs between two files with the same fault.
std::string skeleton(const std::string& message) {
  std::string kept;
  for (const char c : message.substr(0, 400))
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) kept += c;
  return kept;
}

std::string hash_name(const std::string& bytes) { return std::to_string(std::hash<std::string>()(bytes)); }

/// Runs a target in a folder.
class FuzzRun {
 public:
  FuzzRun(const FuzzTarget& target, const fs::path& folder)
      : target_(target), folder_(folder.string()), path_(folder_ + "/" + target.file) {
    fs::create_directories(fs::path(path_).parent_path());
    if (target.prepare) target.prepare(folder_);
  }

  /// Reads the file; returns what went wrong, "" if nothing did. Sets `message` to the reason of a refusal.
  std::string failure(const std::string& bytes, std::string& message) {
    write_bytes(path_, bytes);
    ++tried;
    message = "accepted";
    const int64_t memory = peak_mebibytes();
    const std::clock_t start = std::clock();
    alarm(kHangSeconds);
    std::string text = outcome(message);
    alarm(0);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (seconds > kMaxSeconds) text += concat(" takes ", seconds, " s");
    if (peak_mebibytes() > std::max(memory, kMaxMebibytes)) text += concat(" takes ", peak_mebibytes(), " MiB");
    return text;
  }

  int64_t tried = 0, refused = 0;

 private:
  std::string outcome(std::string& message) {
    try {
      target_.read(folder_);
      return "";
    } catch (const Error& error) {
      ++refused;
      message = error.what();
      const bool is_right = error.kind() == ErrorKind::data || error.kind() == ErrorKind::config ||
                            error.kind() == ErrorKind::missing_input;
      return is_right && !message.empty() ? "" : "an error of another kind: " + message;
    } catch (const std::exception& error) {
      return std::string("a foreign exception: ") + error.what();
    }
  }

  const FuzzTarget& target_;
  std::string folder_, path_;
};

/// Files kept for a target, by name.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> files;
  for (const fs::path& path : paths) files.push_back(file_text(path.string()));
  return files;
}

/// Damaged files until a count or a time is reached.
class FuzzLoop {
 public:
  FuzzLoop(const FuzzTarget& target, const fs::path& work, const fs::path& kept)
      : target_(target), kept_(kept), run_(target, work), mutator_(1, target.words), pool_(target.seeds()) {
    for (const std::string& bytes : files_in(kept)) pool_.push_back(bytes);
  }

  void read_all(const std::vector<std::string>& files) {
    for (const std::string& bytes : files) try_file(bytes);
  }

  void damage_files(int64_t count, double seconds) {
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < count || seconds > 0; ++i) {
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
      if (seconds > 0 && passed.count() > seconds) break;
      std::string bytes = mutator_.damaged(pool_);
      if (target_.repair && mutator_.below(4) != 0) target_.repair(bytes);
      try_file(bytes);
    }
  }

  ~FuzzLoop() {
    std::cout << "fuzz: " << target_.name << " | tried " << run_.tried << " | refused " << run_.refused
              << " | messages " << seen_.size() << " | findings " << findings_ << std::endl;
  }
  FuzzLoop(const FuzzLoop&) = delete;
  FuzzLoop& operator=(const FuzzLoop&) = delete;

 private:
  void try_file(const std::string& bytes) {
    std::string message;
    const std::string failure = run_.failure(bytes, message);
    if (!failure.empty() && ++findings_ <= 5) {
      const fs::path path = kept_.parent_path() / ("finding-" + hash_name(bytes));
      if (!kept_.empty()) write_bytes(path.string(), bytes);
      ADD_FAILURE() << target_.name << ": " << failure << "\n"
                    << (kept_.empty() ? "bytes: " + testing::PrintToString(bytes.substr(0, 2000)) : path.string());
    }
    if (!seen_.insert(skeleton(message)).second || pool_.size() > kMaxPool) return;
    pool_.push_back(bytes);
    if (!kept_.empty()) write_bytes((kept_ / hash_name(bytes)).string(), bytes);
  }

  const FuzzTarget& target_;
  fs::path kept_;
  FuzzRun run_;
  Mutator mutator_;
  std::vector<std::string> pool_;
  std::set<std::string> seen_;
  int64_t findings_ = 0;
};

class Fuzz : public testing::TestWithParam<FuzzTarget> {};

TEST_P(Fuzz, EveryFileIsReadOrRefused) {
  const FuzzTarget& target = GetParam();
  const double seconds = long_form_seconds();
  const TempFolder temporary;
  fs::path work = temporary.path(), kept;
  if (seconds > 0) {
    work = long_form_folder() / target.name / "work";
    kept = long_form_folder() / target.name / "kept";
    fs::create_directories(kept);
  }
  FuzzLoop loop(target, work, kept);
  loop.read_all(target.seeds());
  loop.read_all(files_in(fs::path(UNET_SOURCE_DIR) / "tests/fuzz/corpus" / target.name));
  loop.read_all(files_in(kept));
  loop.damage_files(kQuickFiles, seconds);
}

TEST_P(Fuzz, SeedsAreRead) {
  const FuzzTarget& target = GetParam();
  const TempFolder folder;
  FuzzRun run(target, folder.path());
  for (const std::string& seed : target.seeds()) {
    std::string message;
    EXPECT_EQ(run.failure(seed, message), "");
    EXPECT_EQ(message, "accepted");
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, Fuzz, testing::ValuesIn(fuzz_targets()),
                         [](const auto& row) { return row.param.name; });

TEST(Mutator, TheSameSeedGivesTheSameFiles) {
  const std::vector<std::string> files{"some bytes 123", "others"};
  Mutator first(5, {"word"}), second(5, {"word"}), other(6, {"word"});
  int different = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string bytes = first.damaged(files);
    EXPECT_EQ(bytes, second.damaged(files));
    EXPECT_LE(bytes.size(), Mutator::kMaxBytes);
    different += bytes != other.damaged(files) ? 1 : 0;
  }
  EXPECT_GT(different, 500);
}

}  // namespace
}  // namespace unet
