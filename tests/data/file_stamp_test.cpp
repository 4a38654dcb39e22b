#include "data/files/file_stamp.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

TEST(FileStampTest, AFileIsSettledTwoSecondsAfterItsChange) {
  const int64_t now = 1'000'000'000'000, second = 1'000'000'000;
  EXPECT_TRUE(is_settled({1, now - 3 * second, now - 3 * second, 1}, now));
  EXPECT_FALSE(is_settled({1, now - 3 * second, now - second, 1}, now));
  EXPECT_FALSE(is_settled({1, now - second, now - 3 * second, 1}, now));
  EXPECT_FALSE(is_settled({1, now, now + 9 * second, 1}, now)) << "the clock of a server may be ahead";
  EXPECT_TRUE(is_settled({1, now + 9 * second, now - 3 * second, 1}, now)) << "a time that a program set";
  EXPECT_FALSE(stamp_of("/no/such/file"));
}

}  // namespace
}  // namespace unet
