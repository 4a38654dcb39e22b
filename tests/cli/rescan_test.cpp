// What a start stores of the data set for the next one.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/cli/trained_run.h"
#include "tests/support/contains.h"
#include "tests/support/data_files.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

size_t files_in(const std::string& folder) {
  std::error_code error;
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder, error), fs::directory_iterator()));
}

TEST(Rescan, UnchangedImagesAreNotReadAgainUnlessAsked) {
  DataFiles files;
  for (const char* stem : {"a", "b", "c"}) files.add_pair(stem);
  files.add_pair("v", "val/");
  const TempFolder folder;
  const auto run = [&](const std::string& cache, const std::vector<std::string>& arguments) {
    Outcome outcome = run_shell("XDG_CACHE_HOME=" + shell_quoted(cache) + " " + shell_command(arguments));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome;
  };
  const std::string cache = folder / "cache", unchanged = "4 of 4 samples unchanged since the last scan (--rescan";
  const std::vector<std::string> check{"check-data", files.dir(), "--json"};
  std::this_thread::sleep_for(std::chrono::milliseconds(2050));  // scans of younger files are not stored
  const Outcome first = run(cache, check), second = run(cache, check);
  EXPECT_EQ(files_in(cache + "/unet"), 1u);
  EXPECT_EQ(first.err.find("unchanged"), std::string::npos) << first.err;
  EXPECT_TRUE(contains(second.err, unchanged));
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(run(cache, add_arguments(check, {"--rescan"})).err.find("unchanged"), std::string::npos);

  const std::vector<std::string> train = add_arguments(
      {"train", "--data", files.dir(), "--out", folder / "run", "--set", "train.epochs=1"}, tiny_settings());
  EXPECT_TRUE(contains(run(cache, train).err, unchanged)) << "training reads what check-data does";
  const Outcome without = run("/dev/null", check);
  EXPECT_EQ(without.out, first.out);
  EXPECT_EQ(without.err.find("warning"), std::string::npos) << without.err;
}

}  // namespace
}  // namespace unet
