#include "data/files/read_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/error_text.h"
#include "tests/support/image_bytes.h"
#include "tests/support/temp_folder.h"

namespace unet {
namespace {

TEST(ReadFile, AllBytesAreReturned) {
  const TempFolder folder;
  const std::string bytes("a\0\r\n\xFF", 5);
  write_bytes(folder / "x", bytes);
  EXPECT_EQ(read_file(folder / "x"), bytes);
  write_bytes(folder / "empty", "");
  EXPECT_EQ(read_file(folder / "empty"), "");
}

TEST(ReadFile, PipesAndDevicesAreRefusedWithoutWaiting) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder / "pipe", std::string("/dev/null")})
    EXPECT_EQ(error_text(ErrorKind::missing_input, [&] { read_file(path); }).rfind(path + ": got a pipe", 0), 0u)
        << path;
}

}  // namespace
}  // namespace unet
