#include "configs/schema/duration.h"

#include <gtest/gtest.h>

namespace unet {
namespace {

TEST(ParseDuration, ReadsNumbersWithUnits) {
  EXPECT_EQ(parse_duration("90s"), 90);
  EXPECT_EQ(parse_duration("30m"), 1800);
  EXPECT_EQ(parse_duration("1.5h"), 5400);
  EXPECT_EQ(parse_duration("1h30m"), 5400);
  EXPECT_EQ(parse_duration("2d"), 172800);
}

TEST(ParseDuration, RefusesOtherText) {
  for (const char* text :
       {"", "30", "m", "0s", "-5m", "5 m", "1e3s", "0x10s", "infs", "nans", "5x", "1h30", "1..5h", "99999999999d"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace unet
