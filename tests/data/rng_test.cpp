#include "data/samples/rng.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace unet {
namespace {

TEST(Rng, MatchesSplitMix64) {
  // Reference values of the published generator for the state 1234567.
  Rng rng(1234567);
  EXPECT_EQ(rng.bits(), 6457827717110365317ULL);
  EXPECT_EQ(rng.bits(), 3203168211198807973ULL);
  EXPECT_EQ(rng.bits(), 9817491932198370423ULL);
}

TEST(Rng, EqualKeysGiveEqualNumbers) {
  Rng first = Rng::from(7, "augment", 2, 40);
  Rng second = Rng::from(7, "augment", 2, 40);
  for (int draw = 0; draw < 100; ++draw) ASSERT_EQ(first.bits(), second.bits());
}

TEST(Rng, EveryPartOfTheKeyMatters) {
  std::set<uint64_t> first_numbers;
  for (const uint64_t seed : {0, 1, 2})
    for (const char* purpose : {"", "a", "b", "ab", "ba"})
      for (const int64_t epoch : {0, 1, 2})
        for (const int64_t position : {0, 1, 2}) first_numbers.insert(Rng::from(seed, purpose, epoch, position).bits());
  EXPECT_EQ(first_numbers.size(), 3u * 5 * 3 * 3);
}

TEST(Rng, UniformNumbersFillTheirIntervalEvenly) {
  Rng rng = Rng::from(1, "test");
  std::vector<int> histogram(10);
  for (int draw = 0; draw < 100000; ++draw) {
    const double value = rng.uniform(-2, 3);
    ASSERT_GE(value, -2);
    ASSERT_LT(value, 3);
    ++histogram[static_cast<size_t>((value + 2) * 2)];
  }
  for (const int count : histogram) EXPECT_NEAR(count, 10000, 500);
}

TEST(Rng, BelowReachesExactlyItsRange) {
  Rng rng = Rng::from(1, "test");
  std::set<int64_t> seen;
  for (int draw = 0; draw < 1000; ++draw) seen.insert(rng.below(5));
  EXPECT_EQ(seen, (std::set<int64_t>{0, 1, 2, 3, 4}));
}

TEST(Rng, ChanceFollowsItsProbability) {
  Rng rng = Rng::from(1, "test");
  int hits = 0;
  for (int draw = 0; draw < 10000; ++draw) {
    ASSERT_FALSE(rng.chance(0));
    ASSERT_TRUE(rng.chance(1));
    hits += rng.chance(0.3);
  }
  EXPECT_NEAR(hits, 3000, 200);
}

TEST(Rng, NormalNumbersHaveMeanZeroAndVarianceOne) {
  Rng rng = Rng::from(1, "test");
  const int draws = 100000;
  double sum = 0, squares = 0, fourths = 0;
  for (int draw = 0; draw < draws; ++draw) {
    const double value = rng.normal();
    sum += value;
    squares += value * value;
    fourths += value * value * value * value;
  }
  EXPECT_NEAR(sum / draws, 0, 0.02);
  EXPECT_NEAR(squares / draws, 1, 0.02);
  EXPECT_NEAR(fourths / draws, 3, 0.15);
}

}  // namespace
}  // namespace unet
