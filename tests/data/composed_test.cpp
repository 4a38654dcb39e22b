#include "data/files/composed.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

TEST(Composed, LettersAndTheirMarksBecomeOneLetter) {
  EXPECT_EQ(composed("U\xCC\x88"
                     "2"),
            "\xC3\x9C"
            "2")
      << "Latin: U and a diaeresis";
  EXPECT_EQ(composed("e\xCC\xA3\xCC\x82"), "\xE1\xBB\x87") << "two marks, as Vietnamese has them";
  EXPECT_EQ(composed("\xD0\xB8\xCC\x86"), "\xD0\xB9") << "Cyrillic";
  EXPECT_EQ(composed("\xE3\x81\x8B\xE3\x82\x99"), "\xE3\x81\x8C") << "kana";
  EXPECT_EQ(composed("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), "\xED\x95\x9C") << "Hangul";
}

TEST(Composed, OtherTextIsKept) {
  for (const char* text : {"", "a_b-1.png", "\xC3\x9C", "\xF0\x9F\x98\x80", "\xCC\x88", "q\xCC\x88", "\xE8\x8D\xAF"})
    EXPECT_EQ(composed(text), text);
}

TEST(Composed, TextThatIsNotUtf8IsKept) {
  for (const char* text : {"\xFC.png", "\xC3", "\xE3\x81", "U\xCC", "\xC3(\xCC\x88"}) EXPECT_EQ(composed(text), text);
}

}  // namespace
}  // namespace unet
