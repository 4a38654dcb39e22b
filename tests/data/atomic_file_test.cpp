#include "data/files/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/file_text.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

size_t count_files(const std::string& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesAFileAndLeavesNoTemporaryFile) {
  const TempFolder folder;
  write_file(folder / "a.bin", std::string("one\0two", 7));
  write_file(folder / "a.bin", "three");
  EXPECT_EQ(file_text(folder / "a.bin"), "three");
  EXPECT_EQ(count_files(folder.path()), 1u);
}

TEST(AtomicFile, AFailedWriterKeepsTheOldFileAndLeavesNoTemporaryFile) {
  const TempFolder folder;
  write_file(folder / "a.bin", "old");
  EXPECT_THROW(write_file_with(folder / "a.bin",
                               [](const std::string& temporary) {
                                 write_file(temporary, "half");
                                 throw std::runtime_error("failed");
                               }),
               std::runtime_error);
  EXPECT_EQ(file_text(folder / "a.bin"), "old");
  EXPECT_EQ(count_files(folder.path()), 1u);
}

TEST(AtomicFile, TheLongestNameThatTheSystemAllowsIsWritten) {
  const TempFolder folder;
  const std::string path = folder / (std::string(251, 'l') + ".bin");
  write_file(path, "one");
  EXPECT_EQ(file_text(path), "one");
}

TEST(AtomicFile, AMissingFolderIsNamedWithTheSystemsReason) {
  const std::string text = error_text(ErrorKind::cannot_create, [] { write_file("/no/such/folder/a.bin", "x"); });
  EXPECT_TRUE(contains(text, "/no/such/folder/a.bin"));
  EXPECT_TRUE(contains(text, "No such file or directory"));
}

TEST(AtomicFile, AFullDiskIsReportedWithByteCounts) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "the system has no /dev/full";
  const TempFolder folder;
  const std::string path = folder / "a.bin";
  const std::string text = error_text(ErrorKind::io, [&] {
    write_file_with(path, [&](const std::string& temporary) {
      fs::create_symlink("/dev/full", temporary);
      write_file_in_place(temporary, "four", path);
    });
  });
  EXPECT_TRUE(contains(text, path + ": wrote only 0 of 4 bytes: No space left on device"));
  EXPECT_EQ(count_files(folder.path()), 0u);
}

}  // namespace
}  // namespace unet
