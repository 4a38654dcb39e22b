#include "data/files/staged_folder.h"

#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/file_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

TEST(StagedFolder, AppearsCompleteOrNotAtAll) {
  const TempFolder folder;
  {
    StagedFolder staged(folder / "deep/er/out/");
    write_bytes(staged.path() + "/a", "1");
    EXPECT_FALSE(fs::exists(folder / "deep/er/out"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path())) << "a parent that was made is removed too";
  StagedFolder staged(folder / "deep/er/out/");
  write_bytes(staged.path() + "/a", "2");
  staged.publish();
  EXPECT_EQ(staged.final_path(), fs::canonical(folder.path()).string() + "/deep/er/out");
  EXPECT_EQ(file_text(folder / "deep/er/out/a"), "2");
}

TEST(StagedFolder, ReplacesWhatIsThere) {
  const TempFolder folder;
  for (const char* text : {"1", "2"}) {
    fs::create_directories(folder / "out");
    StagedFolder staged(folder / "out");
    write_bytes(staged.path() + "/" + text, text);
    staged.publish();
  }
  EXPECT_FALSE(fs::exists(folder / "out/1"));
  EXPECT_EQ(file_text(folder / "out/2"), "2");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(StagedFolder, AFileInTheWayIsRefused) {
  const TempFolder folder;
  write_bytes(folder / "file", "1");
  EXPECT_NE(error_text(ErrorKind::cannot_create, [&] { StagedFolder(folder / "file/out"); }), "no error");
}

}  // namespace
}  // namespace unet
