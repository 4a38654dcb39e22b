#include "configs/schema/text.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

using Lines = std::vector<std::string>;

TEST(Text, LinesHaveNeitherEndsNorAByteOrderMark) {
  EXPECT_EQ(text_lines("\xEF\xBB\xBFone\r\ntwo\n\nthree"), (Lines{"one", "two", "", "three"}));
  EXPECT_EQ(text_lines("one\n"), Lines{"one"});
  EXPECT_EQ(text_lines("\n"), Lines{""});
  EXPECT_EQ(text_lines(""), Lines{});
  EXPECT_EQ(text_lines("a\rb\r\n\r\n"), (Lines{"a\rb", ""}));
}

TEST(Text, TrimmingLeavesBlanksInside) {
  EXPECT_EQ(trimmed(" \ta b\r"), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed("\"a\"", "\""), "a");
}

TEST(Text, LowerCaseLeavesOtherBytes) { EXPECT_EQ(lower_case("Masks_\xC3\x84.PNG"), "masks_\xC3\x84.png"); }

TEST(Text, BeginningsAndEndingsAreCompared) {
  EXPECT_TRUE(starts_with("a.png", "a"));
  EXPECT_FALSE(starts_with("a", "a.png"));
  EXPECT_TRUE(ends_with("a.png", ".png"));
  EXPECT_FALSE(ends_with("png", ".png"));
}

}  // namespace
}  // namespace unet
